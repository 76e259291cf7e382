import type { Device } from '../engine/messages';

export type Choice = 'auto' | Device;

interface DeviceChoiceProps {
  value: Choice;
  onChange: (value: Choice) => void;
}

/** What is to compute. */
export function DeviceChoice({ value, onChange }: DeviceChoiceProps) {
  return (
    <label>
      Compute by
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as Choice)}>
        <option value="auto">graphics card if there is one</option>
        <option value="webgpu">graphics card (WebGPU)</option>
        <option value="wasm">processor (WebAssembly)</option>
      </select>
    </label>
  );
}

/** Why a page from plain http has neither card nor camera. */
export function SecurityNote() {
  if (isSecureContext) return null;
  return (
    <p class="note">
      This page came over plain http, to which browsers give neither the graphics card nor the camera: the
      processor computes. From https, or from localhost, both are there.
    </p>
  );
}
