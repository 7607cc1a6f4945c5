import { join } from 'node:path';
import { throwIfAborted } from '../concurrency.js';
import type { Mark } from './annotated-set.js';
import { openAnnotatedSet } from './annotated-set.js';
import { splitInPath } from './path-split.js';
import { textEnds } from './peek.js';
import type { DatasetReader, FolderListing } from './reader.js';
import { readVia } from './via.js';

/** What is looked at of a file's beginning and of its end. */
const ENDS = 65536;
const LOOKED_AT = 20;

/**
 * The VGG Image Annotator (VIA 1 and 2): projects or annotations in JSON. An image that is listed and has nothing drawn on it
 * and says nothing in its file attributes is a negative; one that isn't listed is left out. A region's category is the value of its attribute: `{"type": "mass"}` is a
 * mass, and so is `{"mass": true}` or `{"type": {"mass": true}}`, as boxes that are ticked are saved.
 */
export const viaProject: DatasetReader<'via'> = {
  format: 'via',
  title: 'VGG Image Annotator',

  recognises: async (listing) => {
    for (const name of jsonFiles(listing).slice(0, LOOKED_AT)) if (await isVia(join(listing.root, name))) return true;
    return false;
  },

  async read(listing, options, issues) {
    const set = await openAnnotatedSet(listing, options, issues);
    for (const name of jsonFiles(listing)) {
      throwIfAborted(options.signal);
      const file = join(listing.root, name);
      // Where the user names a file it should say what is wrong with it.
      if (listing.start === undefined && !(await isVia(file))) continue;
      const images = await readVia(file, () => true, issues);
      const categories = new Set(images.flatMap(({ marks }) => marks.map(({ attributes }) => categoryIn(attributes))));
      for (const { filename, marks: drawn, attributes: own } of images) {
        const place = { file };
        const image = set.find([filename], place);
        if (image === undefined) continue;
        const marks: Mark[] = drawn.map(({ region, attributes }) => ({ label: categoryIn(attributes), region, place }));
        const said = labelsOf(own, categories);
        for (const label of said.labels) marks.push({ label, region: undefined, place });
        const [unknown] = said.unknown;
        if (unknown !== undefined && marks.length === 0) {
          const message =
            `"${filename}" has no region, and whether its file attribute ${JSON.stringify(unknown)} names what it shows is not known: ` +
            'rename the attribute to "label", or draw a region';
          issues.error(message, { file, field: `file_attributes.${unknown}` });
        }
        const folder = image.name.split('/').slice(0, -1).join('/');
        set.add(image, { marks, split: splitInPath(name) ?? splitInPath(folder), place });
      }
    }
    return set.result();
  },
};

function jsonFiles({ files, start }: FolderListing): readonly string[] {
  return (start === undefined ? files : [start]).filter((name) => /\.json$/i.test(name));
}

async function isVia(path: string): Promise<boolean> {
  const text = await textEnds(path, ENDS);
  return /"_via_img_metadata"\s*:/.test(text) || (/"filename"\s*:/.test(text) && /"shape_attributes"\s*:/.test(text));
}

/** What the first attribute says that says something. */
function categoryIn(attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number') return String(value);
    if (value === true) return key;
    if (typeof value !== 'object' || value === null) continue;
    const ticked = Object.entries(value).find(([, isTicked]: [string, unknown]) => isTicked === true);
    if (ticked !== undefined) return ticked[0];
  }
  return undefined;
}

/** File attributes that name no class: VIA's own, and what people note beside. */
const NOTES =
  /^(caption|public[-_ ]?domain|image[-_ ]?url|url|comments?|notes?|descriptions?|remarks?|patient.*|view.*|author|annotator|reader|date|source|licen[cs]e|quality|age|sex|gender|id|.*[-_ ]id|split|subset|set)$/i;
const LABELS =
  /^(labels?|class(es)?|class[-_ ]?name|categor(y|ies)|diagnos[ie]s|findings?|types?|targets?|tags?|patholog(y|ies)|result)$/i;

/**
 * The labels that a file's attributes give the image: what is said in an attribute that is called so, what is the category of a
 * region elsewhere, and the name of one that is ticked or `yes`. `unknown` are attributes that may be one.
 */
function labelsOf(
  attributes: Readonly<Record<string, unknown>>,
  categories: ReadonlySet<string | undefined>,
): { labels: readonly string[]; unknown: readonly string[] } {
  const labels: string[] = [];
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const isLabel = LABELS.test(key);
    if (typeof value === 'object' && value !== null) {
      const ticked = Object.entries(value).flatMap(([name, isTicked]: [string, unknown]) =>
        isTicked === true ? name : [],
      );
      if (isLabel || !NOTES.test(key)) labels.push(...ticked);
      continue;
    }
    const text = value === true ? 'yes' : value === false ? 'no' : textOf(value);
    if (text === '') continue;
    if (isLabel || categories.has(text)) labels.push(text);
    else if (categories.has(key) || value === true) {
      if (/^(yes|true|1|present|positive)$/i.test(text)) labels.push(key);
    } else if (value !== false && !NOTES.test(key)) unknown.push(key);
  }
  return { labels, unknown };
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}
