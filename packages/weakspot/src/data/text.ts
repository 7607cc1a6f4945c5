import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '@weakspot/core';
import { foreignText, formatOf, type KnownFormat, notReadMessage } from './foreign.js';
import { IssueList } from './issues.js';

/** Largest text file that is read, in bytes: the tables of public sets have some ten MB. */
const MAX_BYTES = 256 * 2 ** 20;

const NEWLINE = 0x0a;

/**
 * The text of a file, without its byte order mark: UTF-8, or UTF-16 where a byte order mark says so, as spreadsheets
 * write it. What can't be read goes to `issues`, by its format where that is known and no text, else with the line that is
 * wrong; then there is no text.
 */
export async function readText(file: string, issues: IssueList): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    const info = await stat(file);
    // A pipe or a device might never end.
    const reason = !info.isFile() ? 'not a file' : info.size > MAX_BYTES ? `larger than ${MAX_BYTES} bytes` : undefined;
    if (reason !== undefined) {
      issues.error(`cannot read: ${reason}`, { file });
      return undefined;
    }
    bytes = await readFile(file);
  } catch (error) {
    issues.error(`cannot read: ${messageOf(error)}`, { file });
    return undefined;
  }
  const format = foreignText(bytes);
  const own = new IssueList();
  const text = format === undefined ? decodeText(bytes, file, own) : undefined;
  if (text !== undefined) return text;
  // A byte order mark of UTF-16 is like the beginning of a sound.
  const found = encodingOf(bytes) === 'utf-8' ? await formatOf(bytes) : undefined;
  const what = notText(format === undefined ? found : { read: false, ...format });
  if (what === undefined) issues.append(own);
  else issues.error(what, { file });
  return undefined;
}

/** What to say of a file of a known format that was taken for text. */
function notText(format: KnownFormat | undefined): string | undefined {
  if (format?.read === true) return `this is an image (${format.name}), not a text file`;
  return format === undefined ? undefined : notReadMessage(format);
}

function decodeText(bytes: Uint8Array, file: string, issues: IssueList): string | undefined {
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (encoding === 'utf-8') {
      const line = lineOfWrongByte(bytes);
      const what = bytes.includes(0) ? 'not text, or UTF-16 without its byte order mark' : 'not UTF-8 text';
      const message = `this line is ${what}: save the file as UTF-8, in a spreadsheet as "CSV UTF-8"`;
      issues.error(message, { file, line });
    } else issues.error('the file begins like UTF-16 text but is damaged', { file });
    return undefined;
  }
  const at = text.indexOf('\0');
  if (at < 0) return text;
  const what = encoding === 'utf-8' ? 'damaged, not text, or UTF-16 without its byte order mark' : 'damaged';
  issues.error(`there is a NUL character: the file is ${what}`, { file, line: countLines(text.slice(0, at)) });
  return undefined;
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** UTF-8 has no line end within a character, so lines can be looked at one by one. */
function lineOfWrongByte(bytes: Uint8Array): number {
  let start = 0;
  for (;;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (newline < 0 || !isUtf8(bytes.subarray(start, end))) {
      const before = new TextDecoder('latin1').decode(bytes.subarray(0, start));
      return countLines(before);
    }
    start = end + 1;
  }
}

/** Number of the line that follows this text, from 1; lines end with LF, CR LF or CR. */
function countLines(before: string): number {
  return before.split(/\r\n|\n|\r/).length;
}
