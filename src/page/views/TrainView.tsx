import { useEffect, useRef, useState } from 'preact/hooks';
import type { EpochRecord } from '../../plots/types';
import { formatDuration } from '../../util/duration';
import { grouped } from '../../util/grouped';
import { percent } from '../../util/percent';
import { Computer } from '../engine/computer';
import type { TrainProgress } from '../engine/messages';
import { deviceFor } from '../lib/device';
import { decodePicture, seenOf } from '../lib/readPicture';
import { sliceOf } from '../lib/slice';
import { useSite } from '../lib/site';
import { reasonOf } from '../lib/useAsync';
import { Curves } from '../parts/Curves';
import { type Choice, DeviceChoice, SecurityNote } from '../parts/DeviceChoice';
import { Picture } from '../parts/Picture';
import { PictureInput } from '../parts/PictureInput';
import { Probabilities } from '../parts/Probabilities';

const NET = 'fast-proxy-muon';
const BATCH = 50;
const SIZES = [500, 1000, 2000, 5000, 10000];
const EPOCHS = [2, 4, 8, 16];
const JUDGED_BY = 500;

type Phase = 'ready' | 'opening' | 'training' | 'paused' | 'done' | 'stopped';

/** Trains a small network in this tab, and lets it answer. */
export function TrainView() {
  const { source } = useSite();
  const { images } = source.site;
  const sizes = SIZES.filter((size) => size <= images.train);
  const [choice, setChoice] = useState<Choice>('auto');
  const [size, setSize] = useState(sizes.includes(1000) ? 1000 : sizes[0]);
  const [epochs, setEpochs] = useState(8);
  const [seed, setSeed] = useState(1);
  const [phase, setPhase] = useState<Phase>('ready');
  const [on, setOn] = useState('');
  const [progress, setProgress] = useState<TrainProgress>();
  const [history, setHistory] = useState<EpochRecord[]>([]);
  const [problem, setProblem] = useState<string>();
  const computer = useRef<Computer>(undefined);
  useEffect(() => () => computer.current?.close(), []);
  if (sizes.length === 0)
    return (
      <p>
        The training images are not here. In a terminal: <code>npx cifar download</code>
      </p>
    );

  const hear = (news: TrainProgress): void => {
    setProgress(news);
    const { validation } = news;
    if (validation === undefined) return;
    const record = recordOf(news, validation, size);
    setHistory((before) => [...before, record]);
  };
  const start = async (): Promise<void> => {
    setProblem(undefined);
    setHistory([]);
    setProgress(undefined);
    setPhase('opening');
    computer.current?.close();
    try {
      const [slice, device] = await Promise.all([
        sliceOf(source, size, Math.min(JUDGED_BY, images.test)),
        deviceFor(choice),
      ]);
      const opened = await Computer.open(device, true);
      computer.current = opened.computer;
      opened.computer.onProgress = hear;
      setOn(opened.on);
      setPhase('training');
      await opened.computer.train(slice, { net: NET, epochs, batchSize: BATCH, seed });
      setPhase((before) => (before === 'stopped' ? before : 'done'));
    } catch (error) {
      setProblem(reasonOf(error));
      setPhase('ready');
    }
  };
  const tell = (kind: 'pause' | 'goOn' | 'stop', next: Phase): void => {
    void computer.current?.tell(kind);
    setPhase(next);
  };
  const isBusy = phase === 'training' || phase === 'paused' || phase === 'opening';
  return (
    <>
      <h1>Train here</h1>
      <p>
        A small network ({NET}) learns in this tab, from the first images of the training set, and is judged
        by {grouped(Math.min(JUDGED_BY, images.test))} test images that it never learns from. Guessing is
        right once in ten times.
      </p>
      <SecurityNote />
      <div class="toolbar">
        <label>
          Images
          <select
            value={size}
            disabled={isBusy}
            onChange={(event) => setSize(Number(event.currentTarget.value))}
          >
            {sizes.map((one) => (
              <option key={one} value={one}>
                {grouped(one)}
              </option>
            ))}
          </select>
        </label>
        <label>
          Epochs
          <select
            value={epochs}
            disabled={isBusy}
            onChange={(event) => setEpochs(Number(event.currentTarget.value))}
          >
            {EPOCHS.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <label>
          Seed
          <input
            type="number"
            min={0}
            max={9999}
            value={seed}
            disabled={isBusy}
            onInput={(event) => setSeed(Number(event.currentTarget.value) || 0)}
          />
        </label>
        <DeviceChoice value={choice} onChange={setChoice} />
      </div>
      <div class="toolbar">
        {!isBusy && (
          <button onClick={() => void start()}>{phase === 'ready' ? 'Train' : 'Train anew'}</button>
        )}
        {phase === 'training' && (
          <button class="secondary" onClick={() => tell('pause', 'paused')}>
            Pause
          </button>
        )}
        {phase === 'paused' && <button onClick={() => tell('goOn', 'training')}>Go on</button>}
        {(phase === 'training' || phase === 'paused') && (
          <button class="secondary" onClick={() => tell('stop', 'stopped')}>
            Stop
          </button>
        )}
      </div>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <p role="status">{statusOf(phase, progress, { on, epochs, size })}</p>
      {progress !== undefined && (
        <progress
          max={epochs * progress.steps}
          value={progress.epoch * progress.steps + progress.step}
          aria-label="Training"
        />
      )}
      {history.length > 0 && <Curves runs={[{ name: 'here', history, measuredOn: 'test' }]} />}
      {(phase === 'done' || phase === 'stopped') && history.length > 0 && (
        <Answering computer={computer.current} />
      )}
    </>
  );
}

function recordOf(
  { epoch, loss, accuracy, imagesPerSecond }: TrainProgress,
  validation: { loss: number; accuracy: number },
  images: number,
): EpochRecord {
  return {
    ...{ epoch, trainLoss: loss, trainAccuracy: accuracy, learningRate: NaN, imagesPerSecond },
    ...{ validationLoss: validation.loss, validationAccuracy: validation.accuracy },
    seconds: images / imagesPerSecond,
  };
}

function statusOf(
  phase: Phase,
  progress: TrainProgress | undefined,
  { on, epochs, size }: { on: string; epochs: number; size: number },
): string {
  if (phase === 'ready') return '';
  if (phase === 'opening')
    return 'Getting images and what computes; a graphics card’s kernels are tried at their first use…';
  if (progress === undefined) return `The first step, on ${on}…`;
  const { epoch, step, steps, loss, accuracy, imagesPerSecond, validation } = progress;
  const judged =
    validation === undefined ? '' : `; of the test images ${percent(validation.accuracy, 1)} are right`;
  if (phase === 'done' || phase === 'stopped') {
    return `${phase === 'done' ? 'Trained' : 'Stopped'} after ${epoch + step / steps} epochs, on ${on}${judged}.`;
  }
  const left = Math.max(0, epochs - epoch - step / steps) * (size / imagesPerSecond);
  return `Epoch ${epoch + 1} of ${epochs}, step ${step} of ${steps}: loss ${loss.toFixed(3)}, accuracy ${percent(accuracy, 1)}, ${imagesPerSecond.toFixed(0)} images/s on ${on}, ${phase === 'paused' ? 'paused' : `${formatDuration(left)} left`}${judged}`;
}

/** What the network that was just trained says of one's own picture. */
function Answering({ computer }: { computer: Computer | undefined }) {
  const { source } = useSite();
  const { classes } = source.site.dataset;
  const [answered, setAnswered] = useState<{ seen: Uint8Array; probabilities: Float32Array }>();
  const [problem, setProblem] = useState<string>();
  const take = (file: Blob): void => {
    setProblem(undefined);
    decodePicture(file)
      .then(async (pixels) => {
        const seen = seenOf(pixels, 'crop');
        const probabilities = await computer?.classify(seen, 'flip', 1);
        if (probabilities !== undefined) setAnswered({ seen, probabilities });
      })
      .catch((error: unknown) => setProblem(reasonOf(error)));
  };
  return (
    <>
      <h2>Ask it</h2>
      <PictureInput take={take} />
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {answered !== undefined && (
        <section class="answer" aria-live="polite">
          <Picture rgb={answered.seen} label="what the network sees of it" />
          <Probabilities classes={classes} probabilities={answered.probabilities} top={5} />
        </section>
      )}
    </>
  );
}
