/**
 * What `weakspot doctor` finds out. Nothing here imports the engine or the image library before it is tried: that one of
 * them cannot be loaded is a finding.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { type Provider, type ProviderReport, providers } from '@weakspot/core';
import { type InspectOptions, inspectInChild } from '../device/index.js';
import { VERSION } from '../version.js';
import { type CacheDiagnosis, diagnoseCache } from './diagnose-cache.js';
import { type ImagesDiagnosis, diagnoseImages } from './diagnose-images.js';
import { defaultCache } from './values.js';

/** Largest difference between a provider's and the CPU's gradient of a convolution that is rounding. */
export const TOLERANCE = 1e-4;

export interface ProviderDiagnosis extends ProviderReport {
  /** Whether its gradients are the CPU's, to 1e-4; absent where it is not available. */
  readonly correct?: boolean;
}

/** The object that `weakspot doctor --json` writes. */
export interface Diagnosis {
  /** Whether training can run: on this Node, the CPU works and images can be read. */
  readonly ok: boolean;
  readonly weakspot: string;
  readonly node: { readonly version: string; readonly needed: string; readonly supported: boolean };
  /** Such as `linux` and `x64`. */
  readonly platform: string;
  readonly architecture: string;
  readonly processor: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Version of onnxruntime-node; null where it is not installed. */
  readonly onnxruntime: string | null;
  readonly providers: readonly ProviderDiagnosis[];
  readonly images: ImagesDiagnosis;
  readonly cache: CacheDiagnosis;
}

export interface DiagnoseOptions {
  /** How a provider is inspected: in a process of its own unless given. */
  readonly inspect?: (provider: Provider, options: InspectOptions) => Promise<ProviderReport>;
}

/** Looks at the machine; nothing is thrown, and nothing is left behind. */
export async function diagnose({ inspect = inspectInChild }: DiagnoseOptions = {}): Promise<Diagnosis> {
  const reports: ProviderDiagnosis[] = [];
  // One after the other: they are timed.
  for (const provider of providers) reports.push(judged(await inspect(provider, { threads: availableParallelism() })));
  const images = await diagnoseImages();
  const node = diagnoseNode(process.versions.node);
  const cpuWorks = reports.some(({ provider, available }) => provider === 'cpu' && available);
  return {
    ok: cpuWorks && images.problem === null && node.supported,
    weakspot: VERSION,
    node,
    platform: process.platform,
    architecture: process.arch,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    onnxruntime: versionOf('onnxruntime-node'),
    providers: reports,
    images,
    cache: await diagnoseCache(defaultCache(process.env)),
  };
}

function judged(report: ProviderReport): ProviderDiagnosis {
  return report.check === undefined ? report : { ...report, correct: report.check.error <= TOLERANCE };
}

/** Compares a version of Node with what package.json asks for, `>=MAJOR.MINOR`. */
function diagnoseNode(version: string): Diagnosis['node'] {
  const { engines } = readJson(new URL('../../package.json', import.meta.url)) as { engines: { node: string } };
  const numbers = (text: string): [number, number] => {
    const [major = 0, minor = 0] = (text.match(/\d+/g) ?? []).map(Number);
    return [major, minor];
  };
  const [found, needed] = [numbers(version), numbers(engines.node)];
  const supported = found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1]);
  return { version, needed: engines.node, supported };
}

/** From the package's own file, which is there though its binaries may not load. */
function versionOf(name: string): string | null {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (readJson(path) as { version: string }).version;
  } catch {
    return null;
  }
}

function readJson(path: string | URL): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
