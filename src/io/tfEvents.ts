import { maskedCrc32c } from './crc32c.js';
import { double, float, integer, message, string } from './protobuf.js';

/*
 * The messages of a TensorBoard event file in protobuf's wire format. Field numbers are those of TensorFlow's event.proto
 * and summary.proto:
 *   Event      { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
 *   Summary    { repeated Value value = 1; }   Value { string tag = 1; float simple_value = 2; }
 *   SessionLog { SessionStatus status = 1; }   START = 1
 */

const SESSION_START = 1;

/** The event that opens a file. @param wallTime seconds since 1970 */
export function fileVersionEvent(wallTime: number): Buffer {
  return Buffer.concat([double(1, wallTime), string(3, 'brain.Event:2')]);
}

/** The event that says: from this step on, whatever was written before is void. */
export function sessionStartEvent(wallTime: number, step: number): Buffer {
  return Buffer.concat([double(1, wallTime), integer(2, step), message(7, integer(1, SESSION_START))]);
}

/** The values of some scalars at a step; stored as 32-bit floating-point numbers. */
export function scalarsEvent(
  wallTime: number,
  step: number,
  values: Readonly<Record<string, number>>,
): Buffer {
  const summary = Object.entries(values).map(([tag, value]) => message(1, string(1, tag), float(2, value)));
  return Buffer.concat([double(1, wallTime), integer(2, step), message(5, ...summary)]);
}

/** A TFRecord: length (uint64), its masked CRC, the data, its masked CRC; all little-endian. */
export function tfRecord(data: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedCrc32c(data));
  return Buffer.concat([head, data, tail]);
}
