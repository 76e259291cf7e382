import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  label: string;
  /** As many as there are x; null where there is nothing. */
  values: (number | null)[];
  /** Place in the palette. */
  colour: number;
  isDashed?: boolean;
  /** Points without a line. */
  isPoints?: boolean;
  isBars?: boolean;
}

interface ChartProps {
  title: string;
  x: number[];
  xLabel: string;
  lines: Line[];
  /** How values are written. */
  format: (value: number) => string;
  range?: [number, number];
  xRange?: [number, number];
}

const HEIGHT = 260;
/** Between marks of an axis that counts. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** The style's own colour of that name, since a canvas knows no variables. */
const styleOf = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A chart with a legend whose entries hide and show lines, and the values under the pointer; and the same as a table. */
export function Chart(props: ChartProps) {
  const { title, x, lines, range, xRange } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useScheme();
  const look = JSON.stringify([lines.map(({ label, colour }) => [label, colour]), range, xRange, scheme]);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(props, element.clientWidth), dataOf(x, lines), element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [look]);
  useEffect(() => plot.current?.setData(dataOf(x, lines)), [x, lines]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}; the same as a table below`} />
      <AsTable {...props} />
    </figure>
  );
}

/** The chart's values; rows are made when somebody looks, since there can be thousands. */
function AsTable({ title, x, xLabel, lines, format }: ChartProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <div class="scroll" tabIndex={0} role="group" aria-label={`${title}, as a table`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{xLabel}</th>
                {lines.map(({ label }) => (
                  <th scope="col">{label}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {x.map((at, i) => (
                <tr>
                  <th scope="row">{Number(at.toFixed(3))}</th>
                  {lines.map(({ values }) => (
                    <td>{textOf(values[i], format)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

const textOf = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? '–' : format(value);

function dataOf(x: number[], lines: readonly Line[]): uPlot.AlignedData {
  return [x, ...lines.map(({ values }) => values)];
}

function optionsOf({ xLabel, lines, format, range, xRange }: ChartProps, width: number): uPlot.Options {
  const [text, grid] = [styleOf('--chart-text'), styleOf('--chart-grid')];
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  const bars = uPlot.paths.bars?.({ size: [0.9], align: 0 });
  return {
    ...{ width, height: HEIGHT },
    scales: { x: { time: false, ...(xRange && { range: xRange }) }, y: range === undefined ? {} : { range } },
    axes: [
      { ...axis, label: xLabel, labelSize: 24, size: 40, ...(xRange === undefined && { incrs: WHOLE }) },
      { ...axis, size: 60, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      {
        label: xLabel,
        value: (_plot, value: number | null) => textOf(value, (at) => String(Number(at.toFixed(3)))),
      },
      ...lines.map(({ label, colour, isDashed, isPoints, isBars }): uPlot.Series => {
        const stroke = styleOf(`--line-${colour % 8}`);
        return {
          ...{ label, stroke, width: isPoints ? 0 : 2, spanGaps: true },
          ...(isDashed && { dash: [6, 5] }),
          points: { show: isPoints === true, size: 8, fill: stroke },
          ...(isBars &&
            bars && { paths: bars, fill: styleOf(`--fill-${colour % 8}`), points: { show: false } }),
          value: (_plot, value: number | null) => textOf(value, format),
        };
      }),
    ],
    legend: { live: true },
  };
}

/** light or dark, as the reader's system says now. */
function useScheme(): string {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = (): void => setDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isDark ? 'dark' : 'light';
}
