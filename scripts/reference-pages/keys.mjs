// @ts-check
import { code, table } from './markdown.mjs';

/**
 * The parts of a JSON schema that the configuration uses.
 * @typedef {object} Schema
 * @property {string} [description]
 * @property {string} [type]
 * @property {unknown} [const]
 * @property {unknown[]} [enum]
 * @property {Record<string, Schema>} [properties]
 * @property {string[]} [required]
 * @property {Schema} [items]
 * @property {Schema[]} [prefixItems]
 * @property {Schema | boolean} [additionalProperties]
 * @property {Schema[]} [oneOf]
 * @property {Schema[]} [anyOf]
 * @property {unknown} [default]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {number} [exclusiveMinimum]
 * @property {number} [exclusiveMaximum]
 */

/**
 * The keys of a schema with their values, defaults and descriptions, one row each.
 * @param {string} prefix What stands before each key.
 * @param {Schema} schema
 */
export function keyTable(prefix, schema) {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => [
    code(`${prefix}${key}`),
    value.type === 'array' && value.items?.anyOf !== undefined ? 'list' : describeType(value),
    value.default === undefined
      ? schema.required?.includes(key) === true
        ? 'required'
        : 'not set'
      : code(typeof value.default === 'string' ? value.default : JSON.stringify(value.default)),
    value.description ?? '',
  ]);
  return table(['Key', 'Values', 'Default', 'Meaning'], rows);
}

/**
 * @param {Schema} schema
 * @returns {string}
 */
export function describeType(schema) {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeType).join(' or ');
  if (typeof schema.additionalProperties === 'object') return 'keys';
  if (schema.properties !== undefined || schema.oneOf !== undefined) return 'keys below';
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'null') return '`null`';
  if (schema.prefixItems !== undefined) return `${schema.prefixItems.length} numbers`;
  if (schema.type === 'array') return `list of ${schema.items?.type === 'integer' ? 'whole numbers' : 'numbers'}`;
  return describeNumber(schema);
}

/** @param {Schema} schema */
function describeNumber({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  const bounds = [];
  if (minimum !== undefined) bounds.push(`from ${minimum}`);
  if (exclusiveMinimum !== undefined) bounds.push(`over ${exclusiveMinimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) bounds.push(`to ${maximum}`);
  if (exclusiveMaximum !== undefined) bounds.push(`below ${exclusiveMaximum}`);
  return [type === 'integer' ? 'whole number' : 'number', ...bounds].join(' ');
}
