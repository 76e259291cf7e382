/** The bytes of a text in base64. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The numbers of a text in base64: 32-bit floats, least byte first. */
export const floatsOf = (text: string): Float32Array => new Float32Array(bytesOf(text).buffer);
