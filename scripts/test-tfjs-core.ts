/**
 * Runs the test-suite that @tensorflow/tfjs-core ships against a backend of ours, in f32: against onednn twice, once as it is, and once with its
 * own kernels for tensors of every size; against webgpu once (without a graphics card: see scripts/test-webgpu).
 *
 *     npx tsx scripts/test-tfjs-core.ts [--backend onednn|webgpu] [--grep TEXT] [--save]
 *
 * Fails on a spec that fails and is not listed beside the backend in test-tfjs-core/, and on a listed one that passes or is not
 * there. --grep runs the specs whose name contains TEXT; --save keeps the figures in results/tfjs-core-suite.json or -webgpu.json.
 */
import { parseArgs } from 'node:util';
import { quietly } from '../src/engine/quiet.js';
import { writeResults } from './lib/results.js';
import { bootJasmine, loadTfjsCoreTests } from './test-tfjs-core/jasmine.js';
import { onednn } from './test-tfjs-core/onednn.js';
import { judge, type Outcome } from './test-tfjs-core/verdict.js';
import { webgpu } from './test-tfjs-core/webgpu.js';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'onednn' },
    grep: { type: 'string', default: '' },
    save: { type: 'boolean', default: false },
  },
});

const CANDIDATES = { onednn, webgpu };
const candidate = await CANDIDATES[values.backend as keyof typeof CANDIDATES]();
const { environments, exclusions } = candidate;

/** tfjs puts ` <environment> <its flags as JSON>` into a suite's name. */
function nameAndEnvironment(fullName: string): Pick<Outcome, 'name' | 'environment'> {
  const found = environments.find(({ name, flags }) =>
    fullName.includes(` ${name} ${JSON.stringify(flags)}`),
  );
  if (found === undefined) return { name: fullName, environment: null };
  const name = fullName.replace(` ${found.name} ${JSON.stringify(found.flags)}`, '');
  return { name, environment: found.name };
}

const outcomes: Outcome[] = [];
await quietly(async () => {
  const jasmine = bootJasmine().getEnv();
  loadTfjsCoreTests(environments);
  // tfjs's set-up asks for traces without end, which take most of the time.
  Error.stackTraceLimit = 10;
  jasmine.configure({
    random: false,
    failSpecWithNoExpectations: false,
    specFilter: (spec) => spec.getFullName().includes(values.grep),
  });
  jasmine.addReporter({
    specDone({ fullName, status, failedExpectations }) {
      if (status === 'excluded') return;
      const message = failedExpectations.map(({ message }) => message).join('; ');
      outcomes.push({ ...nameAndEnvironment(fullName), status, message });
    },
    suiteDone({ fullName, failedExpectations }) {
      for (const { message } of failedExpectations)
        outcomes.push({ ...nameAndEnvironment(fullName), status: 'failed', message });
    },
  });
  await jasmine.execute();
});

const isWhole = values.grep === '';
const { unknown, ...verdict } = judge(outcomes, exclusions);
const excluded = Object.values(verdict.excluded).reduce((sum, count) => sum + count, 0);
const describe = ({ name, environment, message }: Outcome): string =>
  `${name} (${environment ?? 'no backend'})${message === '' ? '' : `: ${message}`}`;
for (const outcome of verdict.failed) console.log(`failed: ${describe(outcome)}`);
for (const outcome of verdict.needless) console.log(`excluded, but passes: ${describe(outcome)}`);
if (isWhole) for (const name of unknown) console.log(`excluded, but not there: ${name}`);
console.log(
  `${verdict.passed} passed, ${verdict.failed.length} failed, ${excluded} excluded, ${verdict.pending} skipped by tfjs.`,
);
const isGood = verdict.failed.length + verdict.needless.length + (isWhole ? unknown.length : 0) === 0;
if (values.save && isWhole && isGood) {
  const figures = { ...candidate.figures, passed: verdict.passed, failed: 0 };
  console.log(
    writeResults(candidate.results, {
      ...figures,
      skippedByTfjs: verdict.pending,
      excluded: verdict.excluded,
    }),
  );
}
process.exitCode = isGood ? 0 : 1;
