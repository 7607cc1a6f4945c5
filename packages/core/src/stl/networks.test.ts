import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Graph, type Value, createGraph, differentiate, encodeOnnx, lowerings, sizeOf } from '../graph/index.js';
import { createSession } from '../session/index.js';
import * as onnxruntime from 'onnxruntime-node';
import { type NetworkName, type Parameter, createNetwork } from '../network/index.js';
import { deterministicUniform, euclideanNorm, signProjections } from '../testing/deterministic.js';
import { runGraph } from '../testing/run-graph.js';
import { buildGradCam, buildLayerCam, buildObjective, inferenceNames, parseMethod, stepNames } from './index.js';

interface Entry {
  readonly name: string;
  readonly network: NetworkName;
  readonly method: string;
  readonly classifier: number[];
  readonly width: number;
  readonly height: number;
  readonly batch: number;
  readonly classes: number;
  readonly alpha: number;
  readonly sharpness: number;
  readonly losses: Record<string, number>;
  readonly gradients: Record<string, { shape: number[]; norm: number; projections: number[]; values?: number[] }>;
  readonly multiLabel?: boolean;
  /** Grad-CAM of the classifier, dropout off: [batch, classes, h, w]. */
  readonly gradCam?: number[];
  /** LayerCAM of the localizer: [batch, classes, h, w]. */
  readonly layerCam?: number[];
}

// Made by scripts/reference/networks.py with PyTorch in float64; this file is compiled to dist/stl/.
const { entries } = JSON.parse(
  readFileSync(new URL('../../src/stl/testing/networks.json', import.meta.url), 'utf8'),
) as { entries: Entry[] };

describe('losses and the gradients of all parameters against PyTorch in float64', () => {
  for (const entry of entries) {
    it(`${entry.name}: within 1e-4 relative`, async () => {
      const { batch, classes, width, height, sharpness } = entry;
      const network = createNetwork(entry.network, { classifier: entry.classifier });
      const graph = createGraph();
      const objective = buildObjective(graph, {
        method: parseMethod(entry.method),
        network,
        classes,
        sharpness,
        // Three of the twelve cells.
        topShare: 0.25,
        ...(entry.multiLabel === true ? { multiLabel: true } : {}),
        width,
        height,
        batch,
      });
      graph.output(stepNames.loss, objective.loss);

      const feeds: Record<string, Float32Array> = {
        [stepNames.images]: deterministicUniform(batch * width * height, 1001, 1.5),
        [stepNames.targets]: Float32Array.from({ length: batch * classes }, (_, i) => {
          const [label, row] = [i % classes, Math.floor(i / classes)];
          // A multi-label image has its class and the next.
          if (entry.multiLabel === true) return label === row % classes || label === (row + 1) % classes ? 1 : -1;
          return label === row % classes ? 1 : 0;
        }),
        [stepNames.alpha]: Float32Array.of(entry.alpha),
      };
      objective.dropout.forEach(({ name, width: units }, index) => {
        feeds[name] = deterministicUniform(batch * units, 2001 + index, 1).map((value) => (value >= 0 ? 2 : 0));
      });
      const gradients = differentiate(
        graph,
        objective.loss,
        objective.parameters.map(({ value }) => value),
      );
      const streams = new Map(Object.keys(entry.gradients).map((name, index) => [name, index + 1]));
      expect(new Set(objective.parameters.map(({ parameter }) => parameter.name))).toEqual(new Set(streams.keys()));
      objective.parameters.forEach(({ parameter }, index) => {
        const { name, shape, fanIn } = parameter;
        expect(shape).toEqual(entry.gradients[name]?.shape);
        const scale = fanIn === 0 ? 0.1 : Math.sqrt(6 / fanIn);
        feeds[name] = deterministicUniform(
          shape.reduce((a, b) => a * b, 1),
          streams.get(name) ?? 0,
          scale,
        );
        graph.output(`gradient/${name}`, gradients[index] as Value);
      });

      const results = await runGraph(graph, feeds);
      for (const [name, loss] of Object.entries(entry.losses)) {
        expect(Math.abs((results[name]?.data[0] ?? Number.NaN) / loss - 1), name).toBeLessThan(1e-4);
      }
      for (const [name, expected] of Object.entries(entry.gradients)) {
        const found = results[`gradient/${name}`]?.data ?? new Float32Array();
        const reference = expected.values ?? expected.projections;
        const compared = expected.values === undefined ? signProjections(found, streams.get(name) ?? 0) : found;
        const difference = euclideanNorm(reference.map((value, i) => (compared[i] ?? Number.NaN) - value));
        // With random signs the mean square of the projections' differences estimates the square of the error's norm.
        const error = expected.values === undefined ? difference / Math.sqrt(reference.length) : difference;
        expect(expected.norm, name).toBeGreaterThan(0);
        expect(error / expected.norm, name).toBeLessThan(1e-4);
      }
    });
  }
});

describe('Grad-CAM of the classifier against PyTorch in float64', () => {
  for (const entry of entries.filter(({ gradCam }) => gradCam !== undefined)) {
    it(`${entry.name}: every class's map of every image, by the graph's own differentiation`, async () => {
      const { batch, classes, width, height, sharpness, gradCam = [] } = entry;
      const network = createNetwork(entry.network, { classifier: entry.classifier });
      const streams = new Map(Object.keys(entry.gradients).map((name, index) => [name, index + 1]));
      const value = (graph: Graph, { name, shape, fanIn }: Parameter): Value => {
        const scale = fanIn === 0 ? 0.1 : Math.sqrt(6 / fanIn);
        return graph.constant(name, deterministicUniform(sizeOf(shape), streams.get(name) ?? 0, scale), shape);
      };
      const method = parseMethod(entry.method);
      const { graph } = buildGradCam({ method, network, classes, sharpness, width, height, batch }, value);
      const images = deterministicUniform(batch * width * height, 1001, 1.5);
      const results = await runGraph(graph, { [inferenceNames.images]: images });
      const maps = results[inferenceNames.activationMaps];
      expect(maps?.shape).toEqual([batch, classes, gradCam.length / (batch * classes * 4), 4]);
      expect(gradCam.filter((cell) => cell > 0).length).toBeGreaterThan(gradCam.length / 4);
      const error = euclideanNorm(gradCam.map((cell, i) => (maps?.data[i] ?? Number.NaN) - cell));
      expect(error / euclideanNorm(gradCam)).toBeLessThan(1e-4);
    });
  }
});

describe('LayerCAM of the localizer against PyTorch in float64', () => {
  for (const entry of entries.filter(({ layerCam }) => layerCam !== undefined)) {
    it(`${entry.name}: every class's map of every image, with a free number of images`, async () => {
      const { batch, classes, width, height, sharpness, layerCam = [] } = entry;
      const streams = new Map(Object.keys(entry.gradients).map((name, index) => [name, index + 1]));
      const value = (graph: Graph, { name, shape, fanIn }: Parameter): Value => {
        const scale = fanIn === 0 ? 0.1 : Math.sqrt(6 / fanIn);
        return graph.constant(name, deterministicUniform(sizeOf(shape), streams.get(name) ?? 0, scale), shape);
      };
      const network = createNetwork(entry.network, { classifier: entry.classifier });
      const options = { method: parseMethod(entry.method), network, classes, sharpness, width, height };
      const { graph, parameters } = buildLayerCam(options, value);
      expect(parameters.some(({ name }) => name.startsWith('classifier'))).toBe(false);
      const model = encodeOnnx(graph, { batchDimension: 'batch', lowering: lowerings.webgpu });
      const session = await createSession(onnxruntime, model);
      const data = deterministicUniform(batch * width * height, 1001, 1.5);
      const results = await session.run({ [inferenceNames.images]: { data, shape: [batch, 1, height, width] } });
      await session.release();
      const maps = results[inferenceNames.activationMaps];
      // Cells of 8 pixels.
      expect(maps?.shape).toEqual([batch, classes, height / 8, width / 8]);
      expect(layerCam.filter((cell) => cell > 0).length).toBeGreaterThan(layerCam.length / 4);
      const error = euclideanNorm(layerCam.map((cell, i) => (maps?.data[i] ?? Number.NaN) - cell));
      expect(error / euclideanNorm(layerCam)).toBeLessThan(1e-4);
    });
  }
});
