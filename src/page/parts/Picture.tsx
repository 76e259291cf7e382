import { useEffect, useRef } from 'preact/hooks';
import { toImageData } from '../lib/pixels';

interface PictureProps {
  /** height × width × 3 bytes; undefined while, or where, there are none. */
  rgb: ArrayLike<number> | undefined;
  side?: number;
  /** What a reader who does not see it is told; empty where the text beside it says it. */
  label: string;
}

/** A small image in its own pixels, enlarged by the style. */
export function Picture({ rgb, side = 32, label }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (rgb !== undefined) canvas.current?.getContext('2d')?.putImageData(toImageData(rgb, side, side), 0, 0);
  }, [rgb, side]);
  return (
    <canvas
      ref={canvas}
      class="picture"
      width={side}
      height={side}
      {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  );
}
