/**
 * Runs the test-suite that @tensorflow/tfjs-core ships against the onednn backend, in f32: once as it is, and once with
 * its own kernels for tensors of every size, where tfjs's CPU kernels would else take the small ones.
 *
 *     npx tsx scripts/test-tfjs-core.ts [--grep TEXT] [--save]
 *
 * Fails on a spec that fails and is not listed in test-tfjs-core/exclusions.ts, and on a listed one that passes or is not
 * there. --grep runs the specs whose name contains TEXT; --save keeps the figures in results/tfjs-core-suite.json.
 */
import { parseArgs } from 'node:util';
import { env } from '@tensorflow/tfjs-core';
import { OneDnnBackend } from '../src/engine/onednn/backend.js';
import { loadLibrary } from '../src/engine/onednn/ffi/library.js';
import { openNative } from '../src/engine/onednn/ffi/native.js';
import { BACKEND_NAME, registerOneDnn } from '../src/engine/onednn/register.js';
import { quietly } from '../src/engine/quiet.js';
import { writeResults } from './lib/results.js';
import { exclusions } from './test-tfjs-core/exclusions.js';
import { bootJasmine, loadTfjsCoreTests } from './test-tfjs-core/jasmine.js';
import { judge, type Outcome } from './test-tfjs-core/verdict.js';

const { values } = parseArgs({
  options: { grep: { type: 'string', default: '' }, save: { type: 'boolean', default: false } },
});

const NATIVE_WHEN_SMALL = 'ONEDNN_NATIVE_WHEN_SMALL';
const environments = [false, true].map((isNative) => ({
  name: isNative ? 'native' : 'default',
  backendName: BACKEND_NAME,
  flags: { [NATIVE_WHEN_SMALL]: isNative },
  isDataSync: true,
}));

/** tfjs puts ` <environment> <its flags as JSON>` into a suite's name. */
function nameAndEnvironment(fullName: string): Pick<Outcome, 'name' | 'environment'> {
  const found = environments.find(({ name, flags }) =>
    fullName.includes(` ${name} ${JSON.stringify(flags)}`),
  );
  if (found === undefined) return { name: fullName, environment: null };
  const name = fullName.replace(` ${found.name} ${JSON.stringify(found.flags)}`, '');
  return { name, environment: found.name };
}

const library = loadLibrary();
env().registerFlag(NATIVE_WHEN_SMALL, () => false);
// Called anew for each suite: tfjs resets its engine between them.
registerOneDnn(
  () =>
    new OneDnnBackend(openNative(library), 'f32', env().getBool(NATIVE_WHEN_SMALL) ? { hostSize: 0 } : {}),
);

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
  const figures = { oneDnn: library.version.join('.'), precision: 'f32', passed: verdict.passed, failed: 0 };
  console.log(
    writeResults('tfjs-core-suite', {
      ...figures,
      skippedByTfjs: verdict.pending,
      excluded: verdict.excluded,
    }),
  );
}
process.exitCode = isGood ? 0 : 1;
