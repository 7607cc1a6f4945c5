import { TextDecoder } from 'node:util';

/** DICOM's names of character sets (PS3.3 C.12.1.1.2) in the names of the WHATWG; all others are read as Latin 1. */
const ENCODINGS: Readonly<Record<string, string>> = {
  'ISO_IR 192': 'utf-8',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** What decodes the text of a data set of these values of SpecificCharacterSet; code extensions are not followed. */
export function decoderOf(characterSets: readonly string[]): TextDecoder {
  const [first = ''] = characterSets;
  return new TextDecoder(ENCODINGS[first] ?? 'latin1');
}
