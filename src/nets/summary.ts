import type { LayersModel } from '@tensorflow/tfjs-layers';
import { countFlops, countParameters, countTrainableParameters, singleShape } from './counts.js';

/** A model's layers as a table (name, class, output shape, parameters), and its totals. */
export function summaryText(model: LayersModel): string {
  const rows = model.layers.map((layer) => [
    layer.name,
    layer.getClassName(),
    `[${singleShape(layer.outputShape)
      .map((dimension) => dimension ?? 'N')
      .join(', ')}]`,
    layer.countParams().toLocaleString('en-US'),
  ]);
  const table = alignColumns([['layer', 'class', 'output', 'parameters'], ...rows]);
  const total = countParameters(model);
  const trainable = countTrainableParameters(model);
  return [
    ...table,
    '',
    `parameters     ${total.toLocaleString('en-US')} (${trainable.toLocaleString('en-US')} trained, ${(total - trainable).toLocaleString('en-US')} constants and moving statistics)`,
    `forward pass   ${(countFlops(model) / 1e9).toFixed(3)} GFLOP an image`,
  ].join('\n');
}

/** Pads the cells of each column to its widest; the last column, numbers, to the right. */
function alignColumns(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const last = widths.length - 1;
  return rows.map((row) =>
    row
      .map((cell, column) => (column === last ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  '),
  );
}
