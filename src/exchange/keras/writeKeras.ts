import type { LayersModel } from '@tensorflow/tfjs-layers';
import { strToU8, zipSync } from 'fflate';
import { configuration2, configuration3 } from './configuration.js';
import { groupNames } from './groupNames.js';
import { kerasNet } from './kerasNet.js';
import { makeHdf5 } from './makeHdf5.js';

/** What programs that read the files know of versions of Keras: from these on they are taken as they are. */
const VERSION_2 = '2.9.0';
const VERSION_3 = '3.0.0';

/** Archives know no time before. By the clock, one model would give files that differ. */
const EARLIEST = new Date(1980, 0, 1);

/**
 * A model as Keras 3 saves it: an archive of its configuration and its weights.
 * @param metadata texts that go with them
 * @returns the bytes of a .keras file
 * @throws CifarError naming the layer that Keras has no counterpart of here
 */
export async function kerasArchive(
  model: LayersModel,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const net = await kerasNet(model);
  const groups = groupNames(net.nodes.map(({ className }) => className));
  const weights = await makeHdf5((file) => {
    net.nodes.forEach((node, i) => {
      file.attribute(groups[i], 'name', node.name);
      node.weights.forEach(([, weight], number) => file.weight(`${groups[i]}/${number}`, weight));
    });
    file.attribute('vars', 'name', 'network');
  });
  const json = (value: object): Uint8Array => strToU8(JSON.stringify(value));
  return zipSync(
    {
      'metadata.json': json({ ...metadata, keras_version: VERSION_3 }),
      'config.json': json(configuration3(net)),
      'model.weights.h5': weights,
    },
    { mtime: EARLIEST, level: 0 },
  );
}

/**
 * A model as Keras 2 saves it; Keras 3 opens it, too.
 * @param metadata texts that go with it, as attributes
 * @returns the bytes of an .h5 file
 * @throws CifarError naming the layer that Keras has no counterpart of here
 */
export async function kerasHdf5(
  model: LayersModel,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const net = await kerasNet(model);
  const versions = { backend: 'tensorflow', keras_version: VERSION_2 };
  const texts = { ...metadata, ...versions, model_config: JSON.stringify(configuration2(net)) };
  const all = 'model_weights';
  return makeHdf5((file) => {
    for (const [name, value] of Object.entries(texts)) file.attribute('', name, value);
    for (const [name, value] of Object.entries(versions)) file.attribute(all, name, value);
    const names = net.nodes.map(({ name }) => name);
    file.attribute(all, 'layer_names', names);
    for (const { name, weights } of net.nodes) {
      const group = `${all}/${name}`;
      file.group(group);
      const paths = weights.map(([own]) => `${name}/${own}:0`);
      file.attribute(group, 'weight_names', paths);
      weights.forEach(([, weight], i) => file.weight(`${group}/${paths[i]}`, weight));
    }
  });
}
