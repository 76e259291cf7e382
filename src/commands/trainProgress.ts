import { performance } from 'node:perf_hooks';
import type { EpochRecord } from '../runs/history.js';
import { type RunRecord, measuredOn } from '../runs/runRecord.js';
import { netTitle } from '../nets/names.js';
import { passesOf } from '../plots/types.js';
import { wholeEpochs } from '../config/wholeEpochs.js';
import { type TrainingPosition, isEpochDone, trainedImages } from '../training/position.js';
import type { StepReport, TrainReporter } from '../training/reporter.js';
import { formatDuration } from '../util/duration.js';
import { grouped as count } from '../util/grouped.js';
import { percent } from '../util/percent.js';
import { VIEW_PRESETS } from '../dataset/views/presets.js';
import { print, printProgress } from './output.js';
import { StatusLine, bar } from './statusLine.js';
import { measuredImages } from './trainResult.js';

/** A terminal's line changes this often at most, elsewhere a line is written this often. */
const REFRESH_MS = 100;
const LINE_EVERY_MS = 30_000;

/** So many times slower than before is worth a word. */
const SLOW = 3;

/** So many steps are made before the time is estimated. */
const TRIAL_STEPS = 3;

/** Shows training: on a terminal a line for the epoch under way; anywhere, one for each that is done. */
export class TrainProgress implements TrainReporter {
  private readonly status: StatusLine | undefined;
  private measuredOn: 'test' | 'held-out' = 'test';
  private shownAt = -Infinity;
  private steps = 0;
  private lastStepAt = 0;
  /** Milliseconds of the quickest step so far but the first: a stop of the process falls into one of them. */
  private quickestMs = Infinity;
  private imagesPerStep = 0;
  /** Images that will be looked at to measure the network, each as often as it is. */
  private imagesMeasured = 0;
  /** By what the rate in the history is multiplied to be the one that the help speaks of. */
  private rateUnit = 1;
  private isLegendDue = true;
  /** The highest speed of an epoch so far, images a second; Infinity once it was said that it has fallen. */
  private bestSpeed = 0;

  /** @param write where the lines go; standard output unless that carries a result */
  constructor(
    private readonly write: (line: string) => void = print,
    isTerminal = process.stderr.isTTY && process.env['TERM'] !== 'dumb',
  ) {
    this.status = isTerminal ? new StatusLine(process.stderr) : undefined;
  }

  note(line: string): void {
    this.status?.clear();
    this.write(line);
  }

  started(folder: string, record: RunRecord, from: TrainingPosition): void {
    const { config, backend, starts } = record;
    this.measuredOn = measuredOn(record);
    this.steps = 0;
    this.quickestMs = Infinity;
    this.isLegendDue = true;
    this.shownAt = performance.now();
    const measurements = Math.ceil(config.epochs / config.validateEvery) + VIEW_PRESETS[config.tta].length;
    this.imagesPerStep = trainedImages(config);
    this.imagesMeasured = measurements * record.validationImages;
    this.rateUnit = config.optimizer === 'muon' ? config.muonRate / config.learningRate : 1;
    this.bestSpeed = 0;
    const what = config.recipe === 'none' ? '' : `Recipe ${config.recipe}: `;
    const rate = config.optimizer === 'muon' ? '' : ` at a ${config.schedule} rate`;
    this.write(
      `${what}network ${netTitle(config.model)} (${count(record.parameters)} parameters), augmentation ${config.augment}, ${config.optimizer}${rate}, seed ${config.seed}`,
    );
    this.write(
      `${config.epochs} epochs of ${count(record.trainImages)} images in batches of ${config.batchSize}; measured on ${measuredImages(record)}${splitNote(record)}`,
    );
    const { precision, threads } = starts[starts.length - 1];
    const how =
      threads === null ? precision : `${precision}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    this.write(`Backend ${backend.name} (${how}): ${backend.why}`);
    const { epoch, stepInEpoch } = from;
    if (epoch >= wholeEpochs(config.epochs)) this.write('Going on after the last epoch');
    else if (isEpochDone(from, config.epochs)) this.write(`Going on at the validation of epoch ${epoch + 1}`);
    else if (epoch > 0 || stepInEpoch > 0)
      this.write(`Going on at epoch ${epoch + 1}, step ${stepInEpoch + 1}`);
    this.write(`Run folder ${folder}`);
  }

  stepped(report: StepReport): void {
    const now = performance.now();
    this.steps++;
    if (this.steps > 1) this.quickestMs = Math.min(this.quickestMs, now - this.lastStepAt);
    this.lastStepAt = now;
    if (this.steps === TRIAL_STEPS) this.estimate(report);
    if (now - this.shownAt < (this.status === undefined ? LINE_EVERY_MS : REFRESH_MS)) return;
    this.shownAt = now;
    const label = `Epoch ${report.epoch + 1}/${report.epochs}`;
    const speed = report.imagesPerSecond;
    const timed = Number.isFinite(speed)
      ? [
          { text: `${speed.toFixed(0)} images/s`, rank: 2 },
          { text: `${formatDuration(report.imagesLeft / speed)} left in all`, rank: 6 },
        ]
      : [];
    if (this.status === undefined) {
      const at = `${label}, step ${report.step}/${report.steps}`;
      const so = `loss ${report.loss.toFixed(4)}, accuracy ${percent(report.accuracy)}`;
      this.write([`${at}: ${so}`, ...timed.slice(1).map(({ text }) => text)].join(', '));
      return;
    }
    this.status.show([
      { text: label, rank: 7 },
      { text: bar(report.step / report.steps, 24), rank: 1 },
      { text: `${report.step}/${report.steps}`, rank: 5 },
      { text: `loss ${report.loss.toFixed(4)}`, rank: 3 },
      { text: `accuracy ${percent(report.accuracy)}`, rank: 4 },
      ...timed,
    ]);
  }

  /** Says how long all will take, by the steps after the first, which is slower: what computes is made ready in it. */
  private estimate({ imagesLeft }: StepReport): void {
    const speed = (1000 * this.imagesPerStep) / this.quickestMs;
    // Looking at an image takes a third of a training step's arithmetic.
    const measuring = this.imagesMeasured / (3 * speed);
    this.status?.clear();
    this.write(`Time expected: ${roughly(imagesLeft / speed + measuring)}`);
  }

  validating(images: number): void {
    this.status?.show([{ text: `Measuring on ${count(images)} images…`, rank: 1 }]);
  }

  epochEnded(record: EpochRecord, epochs: number, isBest: boolean): void {
    this.status?.clear();
    this.shownAt = performance.now();
    if (this.isLegendDue) {
      this.isLegendDue = false;
      this.write(
        '(loss: the mean of −ln of the probability given to the right class; *: the best epoch so far)',
      );
    }
    this.noteSlowness(record.imagesPerSecond);
    const { validationLoss: loss, validationAccuracy: accuracy } = record;
    const isValidated = loss !== null && accuracy !== null;
    const passes = Number(passesOf(record).toFixed(2));
    this.write(
      `Epoch ${String(passes).padStart(String(epochs).length)}/${epochs}` +
        `  training loss ${record.trainLoss.toFixed(4)}  accuracy ${percent(record.trainAccuracy)}` +
        (isValidated
          ? `  ${this.measuredOn} loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}${isBest ? ' *' : '  '}`
          : '') +
        `  rate ${(record.learningRate * this.rateUnit).toPrecision(3)}  ${formatDuration(record.seconds)}  ${record.imagesPerSecond.toFixed(1)} images/s`,
    );
  }

  /** Says once that the speed has fallen far below what it was, and what to do. */
  private noteSlowness(speed: number): void {
    if (speed * SLOW < this.bestSpeed && this.bestSpeed < Infinity) {
      this.write(
        `Note: an epoch runs at ${speed.toFixed(0)} images/s, where ${this.bestSpeed.toFixed(0)} were reached: something else uses this machine. Beside other work --resume with --threads 1 may be faster.`,
      );
      this.bestSpeed = Infinity;
    }
    if (speed > this.bestSpeed) this.bestSpeed = speed;
  }

  ended(): void {
    this.status?.clear();
  }
}

/** Why the images held out are not just the share that was asked for. */
function splitNote({ config: { validationSplit } }: RunRecord): string {
  return validationSplit > 0 ? ` (--validation-split ${validationSplit} of each class, rounded)` : '';
}

/** A duration to the digits that an estimate is worth. */
function roughly(seconds: number): string {
  if (seconds < 90) return `about ${Math.ceil(seconds / 10) * 10} s`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`;
  return `about ${(seconds / 3600).toFixed(seconds < 36_000 ? 1 : 0)} h`;
}

/** A count that goes on: a line rewritten on a terminal, every tenth part as a line elsewhere. */
export function countProgress(label: string, total: number): (done: number, note: string) => void {
  const isTerminal = process.stderr.isTTY;
  const every = Math.max(1, Math.ceil(total / 10));
  return (done, note) => {
    const line = `${label} ${done}/${total}  ${note}`;
    if (isTerminal) process.stderr.write(`\u001b[2K\r${line}${done === total ? '\n' : ''}`);
    else if (done % every === 0 || done === total) printProgress(line);
  };
}
