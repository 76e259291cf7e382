import { useEffect, useRef, useState } from 'preact/hooks';
import { reasonOf } from '../lib/useAsync';

interface PictureInputProps {
  take: (file: Blob, name: string) => void;
}

/** Ways to give a picture: drop, choose, paste, camera. */
export function PictureInput({ take }: PictureInputProps) {
  const [isOver, setOver] = useState(false);
  const choose = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const paste = (event: ClipboardEvent): void => {
      const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (file !== undefined) take(file, file.name);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [take]);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) take(file, file.name);
  };
  return (
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p>Drop a picture here, paste one, or</p>
      <input
        ref={choose}
        type="file"
        accept="image/*"
        aria-label="Choose a picture"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file !== undefined) take(file, file.name);
        }}
      />
      <Camera take={take} />
    </div>
  );
}

/** Asks for the camera when it is wanted, and lets it go after a picture. */
function Camera({ take }: PictureInputProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [stream, setStream] = useState<MediaStream>();
  const [problem, setProblem] = useState<string>();
  const stop = (): void => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    setStream(undefined);
  };
  useEffect(() => {
    if (video.current !== null && stream !== undefined) video.current.srcObject = stream;
    return () => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [stream]);
  if (!('mediaDevices' in navigator)) return null;
  const start = (): void => {
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' } })
      .then(setStream, (error: unknown) => setProblem(`The camera is not to be had: ${reasonOf(error)}`));
  };
  const shoot = (): void => {
    const element = video.current;
    if (element === null || element.videoWidth === 0) return;
    const canvas = new OffscreenCanvas(element.videoWidth, element.videoHeight);
    canvas.getContext('2d')?.drawImage(element, 0, 0);
    void canvas.convertToBlob().then((blob) => take(blob, 'from the camera'));
    stop();
  };
  if (stream === undefined) {
    return (
      <>
        <button class="secondary" onClick={start}>
          Use the camera
        </button>
        {problem !== undefined && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </>
    );
  }
  return (
    <div class="camera">
      <video ref={video} autoPlay muted playsInline />
      <button onClick={shoot}>Take the picture</button>
      <button class="secondary" onClick={stop}>
        Not now
      </button>
    </div>
  );
}
