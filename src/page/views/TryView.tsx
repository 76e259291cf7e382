import { useEffect, useRef, useState } from 'preact/hooks';
import { FITS, type Fit } from '../../pictures/fit';
import type { Pixels } from '../../pictures/areaMean';
import type { ReadableRun } from '../../report/types';
import { Computer } from '../engine/computer';
import { deviceFor } from '../lib/device';
import { linkTo } from '../lib/route';
import { decodePicture, seenOf } from '../lib/readPicture';
import { useSite } from '../lib/site';
import { reasonOf } from '../lib/useAsync';
import { type Choice, DeviceChoice, SecurityNote } from '../parts/DeviceChoice';
import { PictureInput } from '../parts/PictureInput';
import { Picture } from '../parts/Picture';
import { Probabilities } from '../parts/Probabilities';

interface Given {
  name: string;
  url: string;
  pixels: Pixels;
}

interface Answered {
  /** What was asked: another picture, or another cut of it, has another answer. */
  given: Given;
  fit: Fit;
  seen: Uint8Array;
  probabilities: Float32Array;
}

const FIT_TEXT: Readonly<Record<Fit, string>> = {
  crop: 'its middle',
  pad: 'the whole, between bars',
  stretch: 'the whole, distorted',
};

/** One's own picture under one's own network. */
export function TryView({ name }: { name: string | undefined }) {
  const site = useSite();
  const able = (site.runs ?? []).filter(
    (run): run is ReadableRun => !('problem' in run) && run.model !== undefined,
  );
  if (site.runs === undefined) return <p aria-busy="true">Loading…</p>;
  const run =
    able.find((one) => one.name === name) ?? able.find((one) => one.name.startsWith('cifar10-')) ?? able[0];
  if (run === undefined) return <p>No run has a model yet.</p>;
  return <TryRun key={run.name} run={run} runs={able} />;
}

function TryRun({ run, runs }: { run: ReadableRun; runs: readonly ReadableRun[] }) {
  const { source } = useSite();
  const { classes } = source.site.dataset;
  const [choice, setChoice] = useState<Choice>('auto');
  const [fit, setFit] = useState<Fit>('crop');
  const [given, setGiven] = useState<Given>();
  const [answered, setAnswered] = useState<Answered>();
  const [status, setStatus] = useState('');
  const [problem, setProblem] = useState<string>();
  const opened = useOpened(run, choice, setStatus);
  useEffect(() => {
    if (given === undefined) return;
    let isWanted = true;
    setProblem(undefined);
    const seen = seenOf(given.pixels, fit);
    opened
      .current()
      .then(({ computer, views, temperature }) => computer.classify(seen, views, temperature))
      .then(
        (probabilities) => isWanted && setAnswered({ given, fit, seen, probabilities }),
        (error: unknown) => isWanted && setProblem(reasonOf(error)),
      );
    return () => {
      isWanted = false;
    };
  }, [given, fit, choice]);
  const answer = answered?.given === given && answered?.fit === fit ? answered : undefined;
  const take = (file: Blob, name: string): void => {
    setProblem(undefined);
    decodePicture(file).then(
      (pixels) => setGiven({ name, url: URL.createObjectURL(file), pixels }),
      (error: unknown) => setProblem(`${name}: ${reasonOf(error)}`),
    );
  };
  return (
    <>
      <h1>Try a picture</h1>
      <p>Nothing leaves this page: the network is opened here, and your picture stays on your computer.</p>
      <SecurityNote />
      <div class="toolbar">
        <label>
          Network
          <select
            value={run.name}
            onChange={(event) => (location.hash = linkTo('try', event.currentTarget.value))}
          >
            {runs.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Of a picture that is not square
          <select value={fit} onChange={(event) => setFit(event.currentTarget.value as Fit)}>
            {FITS.map((one) => (
              <option key={one} value={one}>
                {FIT_TEXT[one]}
              </option>
            ))}
          </select>
        </label>
        <DeviceChoice value={choice} onChange={setChoice} />
      </div>
      <PictureInput take={take} />
      <p role="status" class="note">
        {status}
      </p>
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {given !== undefined && problem === undefined && (
        <section class="answer" aria-live="polite">
          <img src={given.url} alt={given.name} />
          {answer === undefined ? (
            <p aria-busy="true">The network looks at it…</p>
          ) : (
            <>
              <figure>
                <Picture rgb={answer.seen} label="what the network sees of it" />
                <figcaption>what the network sees</figcaption>
              </figure>
              <div>
                <p class="large">
                  {classes[answer.probabilities.indexOf(Math.max(...answer.probabilities))]}
                </p>
                <Probabilities classes={classes} probabilities={answer.probabilities} top={5} />
                <p class="note">
                  It knows these ten kinds only, and answers with one of them whatever the picture shows:{' '}
                  {classes.join(', ')}.
                </p>
              </div>
            </>
          )}
        </section>
      )}
    </>
  );
}

interface Opened {
  computer: Computer;
  views: 'none' | 'flip' | 'multicrop';
  temperature: number;
}

/** The run's network in a thread of its own, opened when it is first needed, and anew when another device is chosen. */
function useOpened(
  run: ReadableRun,
  choice: Choice,
  say: (status: string) => void,
): { current(): Promise<Opened> } {
  const { source } = useSite();
  const opening = useRef<{ choice: Choice; opened: Promise<Opened> } | undefined>(undefined);
  const close = (): void => {
    opening.current?.opened.then(
      ({ computer }) => computer.close(),
      () => undefined,
    );
    opening.current = undefined;
  };
  useEffect(() => close, []);
  const open = async (): Promise<Opened> => {
    const url = source.modelUrl(run);
    if (url === undefined) throw new Error('This page came without the networks.');
    say('Opening the network…');
    const [detail, device] = await Promise.all([source.detail(run.name), deviceFor(choice)]);
    const { computer, on } = await Computer.open(device, false);
    await computer.load(url);
    const { views, temperatures, options } = detail;
    const own = options.find(({ name }) => name === 'tta')?.value;
    // Of other views than the run's own nothing is known but what a single look says.
    const temperature = views === own ? temperatures.views : temperatures.single;
    say(
      `${run.name} is open, on ${on}; it averages its answers to ${views === 'none' ? 'one look' : `${views === 'flip' ? 'two' : 'six'} views`} of each picture.`,
    );
    return { computer, views, temperature };
  };
  return {
    current: () => {
      if (opening.current?.choice !== choice) {
        close();
        opening.current = { choice, opened: open() };
      }
      return opening.current.opened;
    },
  };
}
