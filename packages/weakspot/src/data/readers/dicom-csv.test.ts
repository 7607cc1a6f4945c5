import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { Values } from '../../dicom/testing/file.js';
import { dicomFile, imageValues } from '../../dicom/testing/file.js';
import { readDataset } from '../read-dataset.js';
import { failureOf, temporaryFolder } from '../testing/files.js';
import { issueTexts, labelled, setWriter } from '../testing/sets.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const write = setWriter(folder);

const hashed = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16);
const dicom = (instance: string, patient: string, more: Values = {}): Uint8Array =>
  dicomFile(
    imageValues(4, 2, {
      SOPInstanceUID: instance,
      SeriesInstanceUID: `${instance}.1`,
      StudyInstanceUID: '1.9',
      PatientID: patient,
      PixelData: new Uint8Array(16),
      ...more,
    }),
  );
const files = {
  'IMG/1.2.3': dicom('1.2.3', 'SECRET-A', { ViewPosition: 'PA', Modality: 'DX' }),
  'IMG/IM0002': dicom('1.2.4', 'SECRET-A', { ViewPosition: 'MLO', ImageLaterality: 'L', Modality: 'MG' }),
  'IMG/c.dcm': dicom('1.2.5', 'SECRET-B'),
  'IMG/notes': 'no DICOM',
};

describe('dicom-csv', () => {
  it.each([
    ['names of files', 'File Name;Diagnosis\nIMG\\1.2.3;tb\nim0002;tb\nc.png;normal\n'],
    ['instances', 'id,SOP Instance UID,label\n1,1.2.3,tb\n2,1.2.4,tb\n3,1.2.5,normal\n'],
    ['instances in a column of images', 'image,label\n1.2.3,tb\n1.2.4,tb\n1.2.5,normal\n'],
    ['series', 'SeriesInstanceUID,target\n1.2.3.1,tb\n1.2.4.1,tb\n1.2.5.1,normal\n'],
    ['patients', 'PatientID,class\nSECRET-A,tb\nSECRET-B,normal\n'],
  ])('joins a table by %s; patients are hashed', async (_, table) => {
    const set = await readDataset(write({ ...files, 'kit.csv': table }));
    expect([set.format, set.classes, set.issues]).toEqual(['dicom-csv', ['normal', 'tb'], []]);
    expect(labelled(set)).toEqual(['IMG/1.2.3 tb', 'IMG/IM0002 tb', 'IMG/c.dcm normal']);
    expect(set.samples.map(({ patient, view }) => [patient, view])).toEqual([
      [hashed('SECRET-A'), 'PA'],
      [hashed('SECRET-A'), 'L-MLO'],
      [hashed('SECRET-B'), undefined],
    ]);
  });

  it("takes the table's patients and parts, and images from elsewhere", async () => {
    const root = write({
      'kit.csv': 'file,diagnosis,patient,subset\n1.2.3,tb,7,train\nIM0002,tb,8,test\nc.dcm,normal,9,val\n',
      'x.dcm': files['IMG/c.dcm'],
    });
    const set = await readDataset(root, { images: write(files) });
    expect(set.samples.map(({ patient, split }) => [patient, split])).toEqual([
      [hashed('7'), 'train'],
      [hashed('8'), 'test'],
      [hashed('9'), 'validation'],
    ]);
  });

  it('says what is wrong without a word of a patient', async () => {
    const table =
      'patient_id,file,label\nSECRET-A,1.2.3,tb\nSECRET-A,1.2.3,normal\nSECRET-A,IM0002,tb\nSECRET-A,IM0002,tb\nSECRET-X,gone.dcm,tb\n';
    const damaged = dicomFile({ SOPInstanceUID: '1.2.6', PatientID: 'SECRET-C' }).subarray(0, 150);
    const root = write({ ...files, 'IMG/d.dcm': damaged, 'kit.csv': table });
    const texts = issueTexts(await failureOf(() => readDataset(root)), root);
    expect(texts).toEqual([
      'kit.csv:3: "IMG/1.2.3" has label "normal" here and "tb" in line 2',
      expect.stringContaining('all labels are "tb"'),
      expect.stringMatching(/^IMG\/d\.dcm: .*: left out$/),
      'kit.csv:5: "IMG/IM0002" has a row already, in line 4: ignored',
      'kit.csv:6: there is no DICOM image for this row: left out',
      'IMG/c.dcm: the image has no label (no row belongs to it): left out',
    ]);
    expect(texts.join()).not.toContain('SECRET');
    const none = write({ ...files, 'kit.csv': 'PatientID,label\nSECRET-X,tb\nSECRET-Y,normal\n' });
    expect(issueTexts(await failureOf(() => readDataset(none)), none)[0]).toBe(
      'kit.csv: no row of it belongs to any of the 3 DICOM images; give their folder with --images',
    );
  });

  it('leaves the label table that the user names, and class folders, alone', async () => {
    const named = write({ ...files, 'kit.csv': 'file,label\nIMG/1.2.3,tb\nIMG/c.dcm,normal\n' });
    expect((await readDataset(`${named}/kit.csv`)).format).toBe('table');
    const folders = write({
      'tb/a.dcm': files['IMG/c.dcm'],
      'normal/b.dcm': files['IMG/IM0002'],
      'notes.csv': 'day,weather\n1,fine\n',
    });
    expect((await readDataset(folders)).format).toBe('class-folders');
  });
});
