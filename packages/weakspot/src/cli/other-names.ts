/** What other tools call our verbs, and what the verb is called here. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  localize: ['predict', 'infer', 'inference', 'detect', 'segment', 'heatmap', 'cam', 'locate', 'apply', 'localise'],
  evaluate: ['test', 'eval', 'val', 'valid', 'validate', 'score', 'benchmark', 'measure'],
  train: ['fit', 'learn', 'finetune', 'fine-tune', 'run'],
  'train --out RUN --resume': ['resume', 'continue', 'restart'],
  inspect: ['check', 'analyze', 'analyse', 'explore', 'look', 'stats', 'info', 'describe'],
  split: ['divide', 'folds', 'partition'],
  compare: ['cv', 'crossval', 'ablation', 'tune'],
  phantom: ['phantoms', 'demo', 'synth', 'synthesize', 'generate', 'simulate'],
  report: ['html', 'plot', 'visualize', 'summary', 'dashboard'],
  export: ['convert', 'onnx', 'save', 'deploy'],
  doctor: ['env', 'devices', 'device', 'settings', 'system', 'diagnose'],
};

/** What other tools call our options. Those that begin with `--set` are keys of the configuration. */
const options: Readonly<Record<string, readonly string[]>> = {
  '--learning-rate': ['lr', 'lr0', 'lrate', 'initial-lr', 'base-lr', 'eta'],
  '--batch': ['batch-size', 'batchsize', 'bs', 'minibatch', 'train-batch-size'],
  '--epochs': ['epoch', 'num-epochs', 'n-epochs', 'max-epochs', 'nb-epochs', 'iterations'],
  '--size': [
    'imgsz',
    'img-size',
    'imgsize',
    'image-size',
    'img',
    'input-size',
    'resolution',
    'patch-size',
    'crop-size',
  ],
  '--init': [
    'weights',
    'pretrained',
    'finetune',
    'pretrained-weights',
    'warm-start',
    'load',
    'initial-weights',
    'from',
  ],
  '--threads': ['workers', 'num-workers', 'jobs', 'n-jobs', 'num-threads', 'cpus'],
  '--device': ['gpu', 'gpus', 'cuda', 'accelerator', 'provider'],
  '--out': [
    'output',
    'output-dir',
    'out-dir',
    'outdir',
    'project',
    'name',
    'save-dir',
    'run-dir',
    'run',
    'log-dir',
    'exp',
  ],
  '--network': ['model', 'arch', 'architecture', 'backbone', 'net'],
  '--method': ['methods', 'pooling', 'algorithm'],
  '--methods': ['method'],
  '--seed': ['random-seed', 'random-state', 'rng'],
  '--seeds': ['seed', 'runs'],
  '--config': ['cfg', 'yaml', 'conf-file', 'configuration', 'settings', 'hyp'],
  '--folds': ['cv', 'kfold', 'k-fold', 'n-folds', 'num-folds'],
  '--split': ['val-split', 'validation-split', 'test-size', 'val-size', 'ratio'],
  '--min-probability': ['conf', 'conf-thres', 'confidence', 'score-threshold', 'min-score'],
  '--force': ['overwrite', 'exist-ok', 'yes'],
  '--data': ['dataset', 'source', 'test-data'],
  '--tolerance': ['distance', 'radius'],
  '--map positive+flips': ['tta', 'augment', 'flip-tta', 'tta-flip', 'tta-flips', 'test-time-augmentation'],
  '--set optimizer.weightDecay=X': ['weight-decay', 'wd', 'l2'],
  '--set optimizer.momentum=X': ['momentum'],
  '--set optimizer.clipNorm=X': ['clip', 'clip-norm', 'grad-clip', 'gradient-clip', 'clip-grad'],
  '--set optimizer.warmup=X': ['warmup', 'warmup-epochs', 'warm-up'],
  '--set optimizer.schedule.kind=cosine': ['scheduler', 'lr-scheduler', 'cos-lr', 'cosine'],
  '--set network.dropout=X': ['dropout', 'drop'],
  '--set balance=weight': ['class-weight', 'class-weights', 'balanced', 'balance'],
  '--set augmentation.flip=true': ['flip', 'fliplr', 'hflip'],
  '--set accumulate=N': ['accumulate', 'gradient-accumulation-steps', 'accumulation'],
  '--set alpha.end=X': ['alpha'],
  '--set sharpness=X': ['sharpness', 'temperature'],
};

/** The verb that is meant by another tool's name for it; undefined where it is not known. */
export function verbMeant(word: string): string | undefined {
  const lower = word.toLowerCase();
  return Object.entries(verbs).find(([, names]) => names.includes(lower))?.[0];
}

/**
 * The option that is meant by another tool's name for it, of those that the verb has; undefined where there is none.
 * @param flag As it was given, such as `--batch_size=8`.
 * @param has The verb's options, such as `--batch`.
 */
export function optionMeant(flag: string, has: readonly string[]): string | undefined {
  const [name = ''] = flag.replace(/^-+/, '').toLowerCase().replaceAll('_', '-').split('=');
  return Object.entries(options).find(
    ([ours, names]) => names.includes(name) && has.includes(ours.split(' ')[0] as string),
  )?.[0];
}
