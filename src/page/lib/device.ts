import { hasCard } from '../engine/computer';
import type { Device } from '../engine/messages';
import type { Choice } from '../parts/DeviceChoice';

/** What a choice comes to here. */
export async function deviceFor(choice: Choice): Promise<Device> {
  if (choice !== 'auto') return choice;
  return (await hasCard()) ? 'webgpu' : 'wasm';
}
