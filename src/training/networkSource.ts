import { readFileSync } from 'node:fs';
import { IMPORTED, isImported, isModule, isNetName } from '../nets/names.js';
import type { BuildOwnNet } from '../nets/index.js';
import type { RunRecord } from '../runs/runRecord.js';
import { UsageError, readProblem } from '../util/errors.js';
import { sha256 } from '../util/sha256.js';

/**
 * The SHA-256 sum of what builds a network of one's own: its module's file, or the text of its function; undefined of the others.
 * @param earlier the record of the run that goes on
 * @throws UsageError when it is not there, or another than the run began with
 */
export function networkSum(
  model: string,
  network: BuildOwnNet | undefined,
  earlier: Pick<RunRecord, 'networkSha256'> | undefined,
): string | undefined {
  if (isNetName(model)) return undefined;
  const sum = sha256(Buffer.from(sourceOf(model, network)));
  if (earlier?.networkSha256 === undefined || earlier.networkSha256 === sum) return sum;
  throw new UsageError(
    `${model} has changed since the run began: a run goes on with the network that it began with. Undo the change, or train a new run.`,
  );
}

function sourceOf(model: string, network: BuildOwnNet | undefined): string {
  if (network !== undefined) return network.toString();
  if (isImported(model)) {
    throw new UsageError(
      `The network of this run came from the file ${model.slice(IMPORTED.length)}: what is imported can be measured, averaged, asked and exported, but not trained.`,
    );
  }
  if (!isModule(model)) {
    throw new UsageError(
      `The network of this run is ${model}, a function of the program that trained it: only that program can go on with it.`,
    );
  }
  try {
    return readFileSync(model, 'utf8');
  } catch (error) {
    throw new UsageError(`--model: cannot read ${model}: ${readProblem(error)}.`, { cause: error });
  }
}
