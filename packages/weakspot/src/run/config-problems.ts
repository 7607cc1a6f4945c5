import { z } from 'zod';
import { didYouMean } from '../data/suggest.js';

export interface ConfigProblem {
  /** Of the key at fault. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong, in words, and at which key; an issue of several unknown keys is several problems. */
export function describeIssue(schema: z.ZodType, issue: z.core.$ZodIssue): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return { path, message: `unknown key "${path.join('.')}"${didYouMean(key, known)}` };
    });
  }
  const name = issue.path.length === 0 ? 'the configuration' : issue.path.join('.');
  return [{ path: issue.path, message: `${name}: ${issue.message}` }];
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** Of keys that are names. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** Keys that the schema knows at a path, in any of its alternatives, for suggestions. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let schemas: readonly JsonSchema[] = [z.toJSONSchema(schema, { unrepresentable: 'any' }) as JsonSchema];
  for (const key of path) schemas = schemas.flatMap((inside) => alternatives(schemaOf(inside, String(key))));
  return [...new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

function schemaOf({ properties, additionalProperties }: JsonSchema, key: string): JsonSchema | undefined {
  const known = properties?.[key];
  if (known !== undefined) return known;
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function alternatives(schema: JsonSchema | undefined): readonly JsonSchema[] {
  return schema === undefined ? [] : [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
}
