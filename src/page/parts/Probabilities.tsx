import { percent } from '../../util/percent';

interface ProbabilitiesProps {
  classes: readonly string[];
  probabilities: ArrayLike<number>;
  /** Class that the image is of, where that is known. */
  label?: number;
  /** How many of the likeliest are shown. */
  top?: number;
}

/** The likeliest classes, with bars. */
export function Probabilities({ classes, probabilities, label, top = 3 }: ProbabilitiesProps) {
  const order = classes.map((_, c) => c).sort((a, b) => probabilities[b] - probabilities[a]);
  return (
    <ol class="probabilities">
      {order.slice(0, top).map((c) => (
        <li key={c} class={c === label ? 'right' : undefined}>
          <span>{classes[c]}</span>
          <meter min={0} max={1} value={probabilities[c]} aria-label={`probability of ${classes[c]}`} />
          <span class="number">{percent(probabilities[c], 1)}</span>
        </li>
      ))}
    </ol>
  );
}
