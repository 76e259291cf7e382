/** The parts of jasmine-core, and of tfjs's own set-up for it, that the script calls: neither comes with types. */
import { createRequire } from 'node:module';

export interface SpecResult {
  readonly fullName: string;
  readonly status: 'passed' | 'failed' | 'pending' | 'excluded';
  readonly failedExpectations: readonly { readonly message: string; readonly stack?: string }[];
}

export interface Reporter {
  specDone(result: SpecResult): void;
  /** A suite's `beforeAll` and `afterAll` fail here. */
  suiteDone(result: Omit<SpecResult, 'status'>): void;
}

interface Jasmine {
  getEnv(): {
    configure(settings: {
      random: boolean;
      failSpecWithNoExpectations: boolean;
      specFilter(spec: { getFullName(): string }): boolean;
    }): void;
    addReporter(reporter: Reporter): void;
    execute(): Promise<unknown>;
  };
}

/** Where tfjs's specs run: each suite once an environment, on the backend of that name and under those flags. */
export interface TestEnvironment {
  readonly name: string;
  readonly backendName: string;
  readonly flags: Readonly<Record<string, boolean | number>>;
  readonly isDataSync: boolean;
}

// tfjs-core's folder of tests is written for bundlers: modules that only `require`, under tsx, can load.
const require = createRequire(import.meta.url);

/** Puts `describe`, `it` and the rest into the global scope. */
export const bootJasmine = (): Jasmine => (require('jasmine-core') as { boot(): Jasmine }).boot();

const DIST = '@tensorflow/tfjs-core/dist';

/** Gives tfjs its gradients, which its modules, loaded one by one, do not bring along. */
export function registerGradients(): void {
  require(`${DIST}/register_all_gradients`);
}

/** Loads the test-suite that @tensorflow/tfjs-core ships, for these environments. Jasmine must have been booted. */
export function loadTfjsCoreTests(environments: readonly TestEnvironment[]): void {
  const setUp = require(`${DIST}/jasmine_util`) as {
    setTestEnvs(environments: readonly TestEnvironment[]): void;
  };
  setUp.setTestEnvs(environments);
  registerGradients();
  require(`${DIST}/public/chained_ops/register_all_chained_ops`);
  require(`${DIST}/tests`);
}
