import type { Provider } from '../graph/index.js';

/** Why a provider cannot be used, and what can be done about it. */
export interface Explanation {
  readonly reason: string;
  /** One sentence; absent where nothing is known. */
  readonly hint?: string;
}

/** Where the builds of `onnxruntime-node` have each provider. */
const homes: { readonly [P in Provider]: string } = {
  cpu: 'It is in every build for Linux, Windows and macOS: reinstall onnxruntime-node.',
  webgpu: 'It is in the builds for Linux on x64, Windows and macOS.',
  cuda: 'It is in the build for Linux on x64.',
  dml: 'It is in the builds for Windows.',
  coreml: 'It is in the builds for macOS.',
};

/** The provider is not in the runtime's build. */
export function notInBuild(provider: Provider): Explanation {
  return { reason: 'this build of ONNX Runtime does not have it', hint: homes[provider] };
}

/** What the runtime says, and what it means. The messages are those of ONNX Runtime 1.30. */
const known: readonly { readonly says: RegExp; readonly explain: (provider: Provider) => Explanation }[] = [
  { says: /backend not found|is not supported in this build|not enabled in this build/i, explain: notInBuild },
  {
    says: /Failed to get a WebGPU adapter/,
    explain: () => ({
      reason: 'no GPU adapter was found',
      hint: "Install the graphics card's driver, on Linux with its Vulkan part; a container must have access to the GPU.",
    }),
  },
  {
    says: /Cuda: Failed to load shared library|libonnxruntime_providers_(?:cuda|shared)/i,
    explain: () => ({
      reason: 'its CUDA files, or libraries that they need, are not installed',
      hint: 'It needs CUDA 12, cuDNN 9 and the CUDA files of onnxruntime-node: see "Choose a device" in the documentation.',
    }),
  },
  {
    says: /no CUDA-capable device|cudaGetDeviceCount|CUDA failure 100\b|driver version is insufficient/i,
    explain: () => ({
      reason: 'no NVIDIA GPU responds, or its driver is too old',
      hint: 'nvidia-smi must list the GPU; a container must have access to it.',
    }),
  },
  {
    says: /explicitly disabled by the user/,
    explain: () => ({ reason: 'it cannot run even the simplest graph, and leaves it to the CPU' }),
  },
];

/** What a failure to start means: a known case in words, else the runtime's own message made short. */
export function explainFailure(provider: Provider, message: string): Explanation {
  const found = known.find(({ says }) => says.test(message));
  return found === undefined ? { reason: shortened(message) } : found.explain(provider);
}

const LONGEST = 200;

/** The first line of a message, without the place in the runtime's source code that many begin with. */
function shortened(message: string): string {
  const [line = ''] = message.trim().split('\n');
  const said = line.replace(/^\/?\S*onnxruntime\S*\.(?:cc|h|cpp):\d+ (?:.* was false\. )?/, '').trim();
  const text = said === '' ? 'it gives no reason' : said;
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 3)}...`;
}
