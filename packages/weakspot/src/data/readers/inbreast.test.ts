import { afterAll, describe, expect, it } from 'vitest';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import type { SetFile } from '../testing/sets.js';
import { issueTexts, labelled, sampleOf, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const roi = (name: string, ...points: readonly string[]): string =>
  [
    '<dict>',
    '<key>Area</key><real>0.0016</real>',
    '<key>Center</key><string>(1.0, 2.0)</string>',
    '<key>IndexInImage</key><integer>0</integer>',
    `<key>Name</key><string>${name}</string>`,
    `<key>NumberOfPoints</key><integer>${points.length}</integer>`,
    '<key>Point_mm</key><array><string>(9, 9, 9)</string></array>',
    `<key>Point_px</key><array>${points.map((point) => `<string>${point}</string>`).join('\n')}</array>`,
    '<key>Type</key><integer>15</integer>',
    '</dict>',
  ].join('\n');
/** As OsiriX writes it. */
const plist = (...rois: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>Images</key>
<array><dict><key>ImageIndex</key><integer>0</integer><key>NumberOfROIs</key><integer>${rois.length}</integer>
<key>ROIs</key>
<array>
${rois.join('\n')}
</array></dict></array>
</dict>
</plist>
`;

const image = { width: 60, height: 80 };
const header = 'Patient ID;Patient age;Laterality;View;Acquisition date;File Name;ACR;Bi-Rads';
const table = (...rows: readonly string[]): string => `${[header, ...rows].join('\r\n')}\r\n`;
const triangle = ['(10.0, 10.5)', '(20.0, 10.5)', '(20.0, 30.25)'];
const first = 'AllDICOMs/20586908_6c613a14b80a8591_MG_R_CC_ANON.dcm';
const second = 'AllDICOMs/20586934_6c613a14b80a8591_MG_L_CC_ANON.dcm';
const third = 'AllDICOMs/20587054_b6a4f750c6df4f90_MG_R_ML_ANON.dcm';
const published: Readonly<Record<string, SetFile>> = {
  'INbreast.csv': table(
    'removed;removed;R;CC;201001;20586908;3;4a',
    'removed;removed;L;CC;201001;20586934;     ;2',
    'removed;removed;R;MLO;201001;20587054;1;1',
  ),
  'INbreast.xls': 'not looked at',
  [first]: image,
  [second]: image,
  [third]: image,
  'AllXML/20586908.xml': plist(
    roi('Mass', ...triangle),
    roi('Calcification', '(40.25, 50.5)'),
    roi('Point 1', '(41, 51, 0)'),
    roi('Espiculated Region', ...triangle),
  ),
  'AllXML/20586934.xml': plist(roi('Calcifications', '(1.5, 2.5)', '(3.5, 2.5)')),
  'PectoralMuscle/Pectoral Muscle XML/20587054_muscle.xml': plist(roi('Pectoral', ...triangle)),
};

describe('inbreast', () => {
  it('takes BI-RADS 4 and above for suspicious, patients from the names, and outlines from the property lists', async () => {
    const set = await readDataset(write(published));
    expect([set.format, set.classes, set.positive, set.issues]).toEqual([
      'inbreast',
      ['not suspicious', 'suspicious'],
      1,
      [],
    ]);
    expect(labelled(set)).toEqual([`${first} suspicious`, `${second} not suspicious`, `${third} not suspicious`]);
    expect(set.samples.map(({ patient, view, split }) => [patient, view, split])).toEqual([
      ['6c613a14b80a8591', 'R-CC', undefined],
      ['6c613a14b80a8591', 'L-CC', undefined],
      ['b6a4f750c6df4f90', 'R-MLO', undefined],
    ]);
    const polygon = {
      kind: 'polygon',
      points: [
        { x: 10, y: 10.5 },
        { x: 20, y: 10.5 },
        { x: 20, y: 30.25 },
      ],
    };
    // Not the single calcification beside them, nor the benign ones of the other breast.
    expect(set.samples.map(({ regions }) => regions)).toEqual([[polygon, polygon], [], []]);
  });

  it('learns a finding, or any', async () => {
    const calcification = await readDataset(write(published), { positive: 'calcification' });
    expect(calcification.samples.map(({ label, regions }) => [label, regions])).toEqual([
      [1, [{ kind: 'circle', x: 40.25, y: 50.5, radius: 0.5 }]],
      [
        1,
        [
          { kind: 'circle', x: 1.5, y: 2.5, radius: 0.5 },
          { kind: 'circle', x: 3.5, y: 2.5, radius: 0.5 },
        ],
      ],
      [0, []],
    ]);
    const any = await readDataset(write(published), { positive: 'finding' });
    expect([any.classes, any.samples.map(({ label, regions }) => [label, regions.length])]).toEqual([
      ['no finding', 'finding'],
      [
        [1, 4],
        [1, 2],
        [0, 0],
      ],
    ]);
  });

  it('counts calcifications of a suspicious image where nothing else is marked', async () => {
    const root = write({ ...published, 'AllXML/20586908.xml': plist(roi('Calcification', '(40.25, 50.5)')) });
    expect(sampleOf(await readDataset(root), first).regions).toHaveLength(1);
  });

  it('warns where names were changed, so that patients are not known', async () => {
    const { [first]: _, ...others } = published;
    const root = write({ ...others, 'png/20586908.png': image });
    const set = await readDataset(root);
    expect(sampleOf(set, 'png/20586908.png')).toMatchObject({ patient: undefined, label: 1 });
    expect(issueTexts(set, root)).toEqual([
      expect.stringContaining('the patients of 1 images are not known, because the images'),
    ]);
  });

  it('names file and line of what is wrong', async () => {
    const root = write({
      ...published,
      'INbreast.csv': table(
        'removed;removed;R;CC;201001;20586908;3;7',
        'removed;removed;L;CC;201001;20586934;2;2',
        'removed;removed;L;CC;201001;20586934;2;2',
        'removed;removed;R;MLO;201001;20587054;1;5',
      ),
      'AllXML/20586908.xml': plist(roi('Mass', '(10.0, 10.5)', 'x'), roi('Mass')),
      'AllXML/20586934.xml': '<plist><array></array></plist>',
      'AllXML/20587054.xml': '<plist><dict>',
      'AllDICOMs/other.dcm': image,
    });
    expect(issueTexts(await failureOf(() => readDataset(root)), root)).toEqual([
      'INbreast.csv:2: "7" is not a BI-RADS category (column "bi-rads")',
      'INbreast.csv:4: image 20586934 has a row already, in line 3 (column "file name")',
      'AllXML/20586908.xml:9: the region "Mass" has a point that is not (x, y), or none (column "Point_px")',
      'AllXML/20586908.xml:20: the region "Mass" has a point that is not (x, y), or none (column "Point_px")',
      'AllXML/20586934.xml:1: not a property list of a dictionary',
      expect.stringMatching(/^AllXML\/20587054\.xml:1: not XML: /),
      'AllDICOMs/other.dcm: its name does not belong to this set: left out',
      `${first}: the image has no label (it is in no table): left out`,
    ]);
    const sheet = write({ ...published, 'INbreast.csv': '' });
    const { 'INbreast.csv': _, ...others } = published;
    expect(issueTexts(await failureOf(() => readDataset(sheet)), sheet)[0]).toContain(
      'INbreast.csv:1: the table is empty',
    );
    const none = write(others);
    expect(issueTexts(await failureOf(() => readDataset(none)), none)[0]).toBe(
      'INbreast.xls: there is no INbreast.csv: it comes with the set; or save INbreast.xls as CSV of that name',
    );
  });
});
