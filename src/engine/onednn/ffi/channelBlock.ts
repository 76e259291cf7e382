/** Channels that lie beside each other in the library's blocked layouts: as many as a vector of its kernels holds floats. */
export type ChannelBlock = 8 | 16;

/** Channels of the blocks that so many need, the last of which they may fill in part. */
export const paddedChannels = (channels: number, block: ChannelBlock): number =>
  block * Math.ceil(channels / block);

/** @param instructionSet the library's own name of what it uses */
export const channelBlockOf = (instructionSet: string): ChannelBlock =>
  /^(sse41|avx|avx2.*)$/.test(instructionSet) ? 8 : 16;
