/** Entry of the process that tries a provider: inspects it and sends the report. */
import { type Provider, type ProviderReport, inspectProvider, messageOf } from '@weakspot/core';

// Nobody waits for the report any more.
process.on('disconnect', () => process.exit());
const [provider = 'cpu', threads = ''] = process.argv.slice(2);
const report = await inspect(provider as Provider, threads === '' ? {} : { threads: Number(threads) });
// Ends without waiting for the runtime to take its devices down: whatever comes of that, the report is sent.
process.send?.(report, () => process.exit());

async function inspect(name: Provider, options: { readonly threads?: number }): Promise<ProviderReport> {
  try {
    return await inspectProvider(await import('onnxruntime-node'), name, options);
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n');
    const reason = `onnxruntime-node cannot be loaded: ${line}`;
    // Said once, not for each of its providers.
    const hint = 'Reinstall it with "npm ci"; it has binaries for Linux and Windows, and for macOS on arm64.';
    return { provider: name, available: false, reason, ...(name === 'cpu' ? { hint } : {}) };
  }
}
