import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command } from 'commander';
import { NET_NAMES } from '../nets/names.js';
import { DATASET } from './data.js';
import { withExamples } from './options.js';
import { formatTable, print, printJson } from './output.js';
import { grouped } from '../util/grouped.js';

export function modelsCommand(): Command {
  const command = new Command('models')
    .description('the networks there are: parameters, arithmetic, layers')
    .option('--summary', 'print the layers of each')
    .option('--json', 'print the result as JSON');
  withExamples(
    command,
    ['cifar models', 'a line each'],
    ['cifar models --summary', 'with layers, shapes and parameters'],
  );
  return command.action(async (flags: { summary?: true; json?: true }) => {
    const { NETS, countFlops, countParameters, countTrainableParameters, summaryText } =
      await import('../nets/index.js');
    const { openEngine } = await import('../runs/openEngine.js');
    // Building a network makes its weights, which takes a backend; the plainest does.
    await openEngine({ backend: 'cpu', precision: 'auto', threads: 0 });
    const nets = NET_NAMES.map((name) => {
      const model = NETS[name].build({ seed: null, dataset: DATASET });
      const facts = {
        name,
        description: NETS[name].description,
        parameters: countParameters(model),
        trainableParameters: countTrainableParameters(model),
        forwardGigaflop: countFlops(model) / 1e9,
      };
      const summary = summaryText(model);
      const layers = layersOf(model);
      model.dispose();
      return { facts, summary, layers };
    });
    if (flags.json) {
      printJson(nets.map(({ facts, layers }) => (flags.summary ? { ...facts, layers } : facts)));
      return;
    }
    const rows = nets.map(({ facts: net }) => [
      net.name,
      grouped(net.parameters),
      net.forwardGigaflop.toFixed(3),
      (3 * net.forwardGigaflop).toFixed(3),
    ]);
    for (const line of formatTable(
      ['network', 'parameters', 'GFLOP forward an image', 'GFLOP a training step an image'],
      rows,
    ))
      print(line);
    print();
    for (const { facts } of nets) print(`${facts.name}: ${facts.description}`);
    if (!flags.summary) return;
    for (const { facts, summary } of nets) print(`\n${facts.name}\n${summary}`);
  });
}

interface LayerFacts {
  name: string;
  class: string;
  /** null for the number of images. */
  outputShape: LayersModel['layers'][number]['outputShape'];
  parameters: number;
}

function layersOf(model: LayersModel): LayerFacts[] {
  return model.layers.map((layer) => ({
    name: layer.name,
    class: layer.getClassName(),
    outputShape: layer.outputShape,
    parameters: layer.countParams(),
  }));
}
