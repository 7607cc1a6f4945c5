import { type MessageInitShape, create, toBinary } from '@bufbuild/protobuf';
import { EventSchema } from './event_pb.js';
import { encodeRecord } from './record.js';

/** A picture of TensorBoard's tab "Images". */
export interface EventImage {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly colour: 'grey' | 'rgb';
  /** The bytes of a PNG file. */
  readonly png: Uint8Array;
}

/** Numbers and pictures of one training step, by tag; what stands before a tag's first `/` groups tags. */
export interface EventSummary {
  readonly step: number;
  readonly scalars?: Readonly<Record<string, number>>;
  readonly images?: Readonly<Record<string, EventImage>>;
}

/** The beginning of an event file. Times are in seconds since 1970. */
export function encodeFileVersion(seconds: number): Uint8Array {
  return encode({ wallTime: seconds, what: { case: 'fileVersion', value: 'brain.Event:2' } });
}

/** Tells readers that training goes on with this step: what older files have of it and of later ones is forgotten. */
export function encodeRestart(seconds: number, step: number): Uint8Array {
  return encode({ wallTime: seconds, step: BigInt(step), what: { case: 'sessionLog', value: { status: 1 } } });
}

/** A step's numbers and pictures as a record of an event file. */
export function encodeSummary(seconds: number, { step, scalars = {}, images = {} }: EventSummary): Uint8Array {
  const value = [
    ...Object.entries(scalars).map(([tag, number]) => {
      return { tag, value: { case: 'simpleValue' as const, value: number } };
    }),
    ...Object.entries(images).map(([tag, { width, height, colour, png }]) => {
      const image = { width, height, colorspace: colour === 'rgb' ? 3 : 1, encodedImageString: png };
      return { tag, value: { case: 'image' as const, value: image } };
    }),
  ];
  return encode({ wallTime: seconds, step: BigInt(step), what: { case: 'summary', value: { value } } });
}

function encode(event: MessageInitShape<typeof EventSchema>): Uint8Array {
  return encodeRecord(toBinary(EventSchema, create(EventSchema, event)));
}
