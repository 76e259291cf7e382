import { Presets, SingleBar } from 'cli-progress';
import type { EpochRecord } from '../runs/history.js';
import type { StepReport, TrainReporter } from '../training/reporter.js';
import type { RunRecord } from '../runs/runRecord.js';
import { type TrainingPosition, isEpochDone, wholeEpochs } from '../training/position.js';
import { formatDuration } from '../util/duration.js';
import { percent } from '../util/percent.js';
import { print, printProgress } from './output.js';

/** Shows training: on a terminal a bar for the epoch under way; anywhere, one line for each that is done. */
export class TrainProgress implements TrainReporter {
  private bar: SingleBar | undefined;

  /** @param write where the lines go; standard output unless that carries a result */
  constructor(
    private readonly write: (line: string) => void = print,
    private readonly isTerminal = process.stderr.isTTY,
  ) {}

  note(line: string): void {
    this.write(line);
  }

  started(folder: string, record: RunRecord, from: TrainingPosition): void {
    const { config, backend } = record;
    this.write(
      `${config.model}, augmentation ${config.augment}, ${config.optimizer} with ${config.schedule} rate ${Number(config.learningRate.toPrecision(6))}, ` +
        `batch ${config.batchSize}, seed ${config.seed}; ${record.parameters.toLocaleString('en')} parameters`,
    );
    this.write(
      `${record.trainImages.toLocaleString('en')} training images; validated on ${record.validationImages.toLocaleString('en')} (${record.validatedOn})`,
    );
    this.write(`Backend ${backend.name}: ${backend.why}`);
    const { epoch, stepInEpoch } = from;
    if (epoch >= wholeEpochs(config.epochs)) this.write('Going on after the last epoch');
    else if (isEpochDone(from, config.epochs)) this.write(`Going on at the validation of epoch ${epoch + 1}`);
    else if (epoch > 0 || stepInEpoch > 0)
      this.write(`Going on at epoch ${epoch + 1}, step ${stepInEpoch + 1}`);
    this.write(`Run folder ${folder}`);
  }

  stepped(report: StepReport): void {
    if (!this.isTerminal) return;
    const payload = {
      label: `Epoch ${report.epoch + 1}/${report.epochs}`,
      loss: report.loss.toFixed(4),
      accuracy: percent(report.accuracy),
      speed: report.imagesPerSecond.toFixed(0),
      left: formatDuration(report.secondsLeft),
    };
    if (this.bar === undefined) {
      this.bar = new SingleBar(
        {
          format:
            '{label} {bar} {value}/{total} · loss {loss} · accuracy {accuracy} · {speed} images/s · {left} left',
          clearOnComplete: true,
          hideCursor: true,
          barsize: 24,
          stream: process.stderr,
        },
        Presets.shades_classic,
      );
      this.bar.start(report.steps, report.step, payload);
    } else {
      this.bar.update(report.step, payload);
    }
  }

  validating(images: number): void {
    this.stopBar();
    if (this.isTerminal) process.stderr.write(`Validating on ${images.toLocaleString('en')} images…\r`);
  }

  epochEnded(record: EpochRecord, epochs: number, isBest: boolean): void {
    this.stopBar();
    if (this.isTerminal) process.stderr.write('\u001b[2K\r');
    const { validationLoss: loss, validationAccuracy: accuracy } = record;
    const isValidated = loss !== null && accuracy !== null;
    this.write(
      `Epoch ${String(record.epoch + 1).padStart(String(epochs).length)}/${epochs}` +
        `  loss ${record.trainLoss.toFixed(4)}  accuracy ${percent(record.trainAccuracy)}` +
        (isValidated
          ? `  validation loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}${isBest ? ' *' : '  '}`
          : '') +
        `  rate ${record.learningRate.toPrecision(3)}  ${formatDuration(record.seconds)}  ${record.imagesPerSecond.toFixed(1)} images/s`,
    );
  }

  ended(): void {
    this.stopBar();
  }

  private stopBar(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
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
