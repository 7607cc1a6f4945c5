import { dicomFile, imageValues } from '../../dicom/testing/file.js';
import { flatPgm } from './files.js';

/** Files of a set; an image where it is null. */
type Tree = Readonly<Record<string, string | Uint8Array | null>>;

const lines = (...rows: readonly string[]): string => `${rows.join('\n')}\n`;
const id = (digit: number): string => String(digit).repeat(32);

const voc = (name: string, label: string): string =>
  `<annotation><filename>${name}</filename><size><width>64</width><height>64</height><depth>1</depth></size>` +
  `<object><name>${label}</name><bndbox><xmin>8</xmin><ymin>4</ymin><xmax>30</xmax><ymax>20</ymax></bndbox></object></annotation>\n`;

const outlines = JSON.stringify({
  'CHNCXR_0327_1.png123': {
    filename: 'CHNCXR_0327_1.png',
    size: 123,
    regions: [
      {
        shape_attributes: { name: 'polygon', all_points_x: [2, 10, 10, 2], all_points_y: [3, 3, 9, 9] },
        region_attributes: { Cavity: 'good' },
      },
      { shape_attributes: { name: 'circle', cx: 5, cy: 6, r: 2 }, region_attributes: {} },
    ],
  },
});

const coco = JSON.stringify({
  images: [
    { id: 1, file_name: 'a.png', width: 64, height: 64 },
    { id: 2, file_name: 'b.png', width: 64, height: 64 },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, bbox: [4, 5, 20.5, 10], area: 205, iscrowd: 0 },
    { id: 2, image_id: 1, category_id: 1, segmentation: [[1, 1, 9, 1, 9, 9]], iscrowd: 0 },
    { id: 3, image_id: 1, category_id: 1, segmentation: { counts: [100, 8, 3988], size: [64, 64] }, iscrowd: 1 },
  ],
  categories: [{ id: 1, name: 'nodule' }],
});

const cvat =
  '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>\n' +
  '<image id="0" name="a.png" width="64" height="64"><box label="nodule" xtl="1.5" ytl="2" xbr="9" ybr="12"></box>\n' +
  '<polygon label="nodule" points="1,1;9,1;9,9"></polygon><ellipse label="nodule" cx="20" cy="20" rx="5" ry="3"/>\n' +
  '<mask label="nodule" rle="2,3,3" left="4" top="5" width="4" height="2"/></image>\n' +
  '<image id="1" name="b.png" width="64" height="64"></image></annotations>\n';

/** A DICOM image of 8 x 8 pixels. */
const dicom = (instance: string): Uint8Array =>
  dicomFile(
    imageValues(8, 8, {
      SOPInstanceUID: instance,
      PatientID: instance,
      Modality: 'DX',
      PixelData: new Uint8Array(128),
    }),
  );

/** A segmentation of two pixels on the image. */
const segmentation = (instance: string): Uint8Array =>
  dicomFile({
    ...imageValues(8, 8, { BitsAllocated: [1], BitsStored: [1], HighBit: [0] }),
    SOPInstanceUID: '1.2.9',
    Modality: 'SEG',
    SegmentationType: 'BINARY',
    NumberOfFrames: [1],
    SegmentSequence: [{ SegmentNumber: [1], SegmentLabel: 'nodule' }],
    PerFrameFunctionalGroupsSequence: [
      {
        DerivationImageSequence: [{ SourceImageSequence: [{ ReferencedSOPInstanceUID: instance }] }],
        SegmentIdentificationSequence: [{ ReferencedSegmentNumber: [1] }],
      },
    ],
    PixelData: Uint8Array.of(0, 6, 0, 0, 0, 0, 0, 0),
  });

/** A small set of each format, by the reader's name. */
const trees: Readonly<Record<string, Tree>> = {
  jsrt: {
    'Nodule154images/JPCLN001.png': null,
    'NonNodule93images/JPCNN001.png': null,
    'Clinical_Information/CLNDAT_EN.txt':
      'JPCLN001.IMG\t5\t15\t53\tmale\t1634\t692\tmalignant\tl.upper lobe\tlung cancer\t\r\n',
  },
  'boxes-csv': {
    'annotations.csv': lines(
      'filename,width,height,class,xmin,ymin,xmax,ymax',
      'a.png,64,64,nodule,4,5,20,30',
      'b.png,64,64,,,,,',
    ),
    'a.png': null,
    'b.png': null,
  },
  coco: { 'annotations.json': coco, 'a.png': null, 'b.png': null },
  cvat: { 'annotations.xml': cvat, 'images/a.png': null, 'images/b.png': null },
  'dicom-csv': {
    'table.csv': lines('dicom_file;diagnosis;patient_id', 'a.dcm;nodule;7', 'b.dcm;normal;8'),
    'a.dcm': dicom('1.2.3'),
    'b.dcm': dicom('1.2.4'),
  },
  'dicom-seg': { 'a.dcm': dicom('1.2.3'), 'b.dcm': dicom('1.2.4'), 'seg.dcm': segmentation('1.2.3') },
  'one-hot': {
    'train/_classes.csv': lines('filename, normal, tb', 'a.png, 1, 0'),
    'test/_classes.csv': lines('filename, normal, tb', 'c.png, 0, 1'),
    'train/a.png': null,
    'test/c.png': null,
    'boxes.csv': lines('file,xmin,ymin,xmax,ymax', 'test/c.png,8,4,30,20'),
  },
  masks: {
    'images/a.png': null,
    'images/b.png': null,
    'masks/a.png': null,
    'masks/b.png': flatPgm(64, 64, 0),
  },
  mias: {
    'Info.txt': lines(
      'MAMMOGRAPHIC IMAGE ANALYSIS SOCIETY',
      'mdb001 G CIRC B 535 425 197',
      'mdb001 G CALC M *NOTE 3*',
      'mdb002 G NORM',
    ),
    'mdb001.pgm': null,
    'mdb002.pgm': null,
  },
  ddsm: {
    'case3024/B-3024-1.ics': lines(
      'DIGITIZER LUMISYS',
      'LEFT_CC LINES 64 PIXELS_PER_LINE 64 BITS_PER_PIXEL 12 RESOLUTION 50 OVERLAY',
      'LEFT_MLO LINES 64 PIXELS_PER_LINE 64 BITS_PER_PIXEL 12 RESOLUTION 50 NON_OVERLAY',
    ),
    'case3024/B_3024_1.LEFT_CC.OVERLAY': lines(
      'TOTAL_ABNORMALITIES 1',
      'ABNORMALITY 1',
      'LESION_TYPE MASS SHAPE OVAL MARGINS CIRCUMSCRIBED',
      'PATHOLOGY BENIGN',
      'TOTAL_OUTLINES 1',
      'BOUNDARY',
      '20 30 2 2 2 2 4 4 4 4 6 6 6 6 0 0 0 0 #',
    ),
    'case3024/B_3024_1.LEFT_CC.png': null,
    'case3024/B_3024_1.LEFT_MLO.png': null,
  },
  'cbis-ddsm': {
    'mass_case_description_test_set.csv': lines(
      'patient_id,left or right breast,image view,abnormality id,pathology,image file path,cropped image file path,ROI mask file path',
      'P_00001,LEFT,CC,1,MALIGNANT,Mass-Test_P_00001_LEFT_CC/1.2/1.3.1/000000.dcm,a/1.2/1.3.2/000000.dcm,"a/1.2/1.3.3/000001.dcm\n"',
      'P_00001,LEFT,MLO,1,BENIGN,Mass-Test_P_00001_LEFT_MLO/1.2/1.3.4/000000.dcm,,',
    ),
    'Mass-Test_P_00001_LEFT_CC/a/b/1-1.png': null,
    'Mass-Test_P_00001_LEFT_CC_1/a/b/1-2.png': null,
    'jpeg/1.3.4/1-1.png': null,
  },
  inbreast: {
    'INbreast.csv': lines(
      'Patient ID;Patient age;Laterality;View;Acquisition date;File Name;ACR;Bi-Rads',
      'removed;removed;R;CC;201001;20586908;3;4a',
      'removed;removed;L;CC;201001;20586934;;2',
    ),
    'AllXML/20586908.xml':
      '<plist><dict><key>Images</key><array><dict><key>ROIs</key><array><dict><key>Name</key><string>Mass</string>\n' +
      '<key>Point_px</key><array><string>(1.5, 2)</string><string>(9, 2)</string><string>(9, 8)</string></array>' +
      '</dict></array></dict></array></dict></plist>\n',
    'AllDICOMs/20586908_6c613a14b80a8591_MG_R_CC_ANON.dcm': null,
    'AllDICOMs/20586934_6c613a14b80a8591_MG_L_CC_ANON.dcm': null,
  },
  'vindr-mammo': {
    'breast-level_annotations.csv': lines(
      'study_id,series_id,image_id,laterality,view_position,height,width,breast_birads,breast_density,split',
      `${id(8)},s,${id(1)},L,CC,64,64,BI-RADS 4,DENSITY C,training`,
      `${id(9)},s,${id(2)},L,CC,64,64,BI-RADS 1,DENSITY C,test`,
    ),
    'finding_annotations.csv': lines(
      'image_id,finding_categories,finding_birads,xmin,ymin,xmax,ymax',
      `${id(1)},"['Mass', 'Asymmetry']",BI-RADS 4,1.5,2,30,40`,
      `${id(2)},['No Finding'],,,,,`,
    ),
    [`images/${id(8)}/${id(1)}.dicom`]: null,
    [`images/${id(9)}/${id(2)}.dicom`]: null,
  },
  via: {
    'via_project.json': JSON.stringify({
      _via_img_metadata: {
        a: {
          filename: 'a.png',
          size: 1,
          regions: [
            {
              shape_attributes: { name: 'rect', x: 1, y: 2, width: 8, height: 9 },
              region_attributes: { type: 'mass' },
            },
          ],
          file_attributes: {},
        },
        b: { filename: 'b.png', size: 1, regions: [], file_attributes: {} },
      },
    }),
    'a.png': null,
    'b.png': null,
  },
  montgomery: {
    'CXR_png/MCUCXR_0001_0.png': null,
    'CXR_png/MCUCXR_0162_1.png': null,
    'ClinicalReadings/MCUCXR_0001_0.txt': "Patient's Sex: F\r\nPatient's Age: 049Y\r\nnormal\r\n",
    'ClinicalReadings/MCUCXR_0162_1.txt': "Patient's Sex: F\r\nactive TB (same pt as MCUCXR_0001_0)\r\n",
    'montgomery_consensus_roi.csv': lines(
      'patientId,x_dis,y_dis,width_dis,height_dis,Labels',
      'MCUCXR_0162_1,64,128,256,512,TB',
    ),
  },
  'nih-chestxray14': {
    'Data_Entry_2017.csv': lines(
      'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],',
      '00000001_000.png,Cardiomegaly|Emphysema,0,1,058Y,M,PA,2682,2749,0.143,0.143,',
      '00000002_000.png,No Finding,0,2,081Y,M,PA,2500,2048,0.171,0.171,',
    ),
    'BBox_List_2017.csv': lines(
      'Image Index,Finding Label,Bbox [x,y,w,h],,,',
      '00000001_000.png,Cardiomegaly,512,256,128,64,,,',
    ),
    'train_val_list.txt': lines('00000001_000.png'),
    'test_list.txt': lines('00000002_000.png'),
    'images_001/images/00000001_000.png': null,
    'images_001/images/00000002_000.png': null,
  },
  'rsna-pneumonia': {
    'stage_2_train_labels.csv': lines(
      'patientId,x,y,width,height,Target',
      '00000000-14fd-4e49-80ba-63a80b6bddd6,,,,,0',
      '11111111-14fd-4e49-80ba-63a80b6bddd6,264.0,152.0,213.0,379.0,1',
    ),
    'stage_2_detailed_class_info.csv': lines(
      'patientId,class',
      '00000000-14fd-4e49-80ba-63a80b6bddd6,Normal',
      '11111111-14fd-4e49-80ba-63a80b6bddd6,Lung Opacity',
    ),
    'pneumonia-challenge-dataset-mappings_2018.json': JSON.stringify([
      { subset_img_id: '00000000-14fd-4e49-80ba-63a80b6bddd6', img_id: '00000001_000.png', orig_labels: [] },
      { subset_img_id: '11111111-14fd-4e49-80ba-63a80b6bddd6', img_id: '00000002_000.png', orig_labels: [] },
    ]),
    'stage_2_train_images/00000000-14fd-4e49-80ba-63a80b6bddd6.dcm': null,
    'stage_2_train_images/11111111-14fd-4e49-80ba-63a80b6bddd6.dcm': null,
  },
  shenzhen: {
    'CXR_png/CHNCXR_0001_0.png': null,
    'CXR_png/CHNCXR_0327_1.png': null,
    'ClinicalReadings/CHNCXR_0001_0.txt': 'male 45yrs\r\nnormal',
    'ClinicalReadings/CHNCXR_0327_1.txt': 'female24yrs\nright PTB with fibrous changes',
    'Annotations/Annotations_json/Annotations_AllinOne_json.json': outlines,
  },
  tbx11k: {
    'imgs/health/h0001.png': null,
    'imgs/tb/tb0001.png': null,
    'lists/TBX11K_train.txt': lines('health/h0001.png'),
    'lists/TBX11K_val.txt': lines('tb/tb0001.png'),
    'annotations/xml/tb0001.xml': voc('tb0001', 'ActiveTuberculosis'),
  },
  labelme: {
    'a.json': JSON.stringify({
      version: '5.4.1',
      flags: { mass: true },
      shapes: [
        {
          label: 'mass',
          points: [
            [1, 2],
            [30, 40],
          ],
          shape_type: 'rectangle',
        },
      ],
      imagePath: 'a.png',
      imageHeight: 64,
      imageWidth: 64,
    }),
    'b.json': JSON.stringify({ version: '5.4.1', flags: {}, shapes: [], imagePath: 'b.png' }),
    'a.png': null,
    'b.png': null,
  },
  'label-studio': {
    'project.json': JSON.stringify([
      {
        id: 1,
        annotations: [
          {
            id: 1,
            completed_by: 1,
            result: [
              {
                id: 'r',
                type: 'rectanglelabels',
                original_width: 64,
                original_height: 64,
                value: { x: 10, y: 20, width: 30, height: 40, rotation: 0, rectanglelabels: ['mass'] },
              },
              { id: 'c', type: 'choices', value: { choices: ['mass'] } },
            ],
          },
        ],
        data: { image: '/data/upload/1/0a1b2c3d-a.png' },
      },
      { id: 2, annotations: [{ id: 2, result: [] }], data: { image: '/data/upload/1/0a1b2c3e-b.png' } },
    ]),
    'a.png': null,
    'b.png': null,
  },
  voc: {
    'JPEGImages/a.png': null,
    'JPEGImages/b.png': null,
    'Annotations/a.xml': voc('a.png', 'nodule'),
    'Annotations/b.xml': '<annotation><filename>b.png</filename></annotation>\n',
    'ImageSets/Main/train.txt': lines('a'),
    'ImageSets/Main/val.txt': lines('b'),
  },
  yolo: {
    'data.yaml': lines('path: .', 'train: images', 'nc: 1', 'names:', '  0: nodule'),
    'images/a.png': null,
    'images/b.png': null,
    'labels/a.txt': lines('0 0.5 0.5 0.25 0.1', '0 0.1 0.1 0.3 0.1 0.3 0.4'),
    'labels/b.txt': '',
  },
  'vindr-cxr': {
    'annotations/image_labels_train.csv': lines(
      'image_id,rad_id,Aortic enlargement,Nodule/Mass,No finding',
      ...[1, 2].flatMap((digit) =>
        ['R1', 'R2', 'R3'].map((reader) => `${id(digit)},${reader},0,${digit - 1},${2 - digit}`),
      ),
    ),
    'annotations/annotations_train.csv': lines(
      'image_id,rad_id,class_name,x_min,y_min,x_max,y_max',
      `${id(2)},R1,Nodule/Mass,10,20,30,40`,
    ),
    [`train/${id(1)}.dicom`]: null,
    [`train/${id(2)}.dicom`]: null,
  },
};

/** The same with the images made, which are of 64 x 64 pixels. */
export const readerTrees: readonly (readonly [format: string, files: Readonly<Record<string, string | Uint8Array>>])[] =
  Object.entries(trees).map(([format, tree]) => {
    const files = Object.entries(tree).map(([name, content]) => [name, content ?? flatPgm(64, 64)] as const);
    return [format, Object.fromEntries(files)];
  });
