/** The learning rate's course: a factor on the peak rate, at a time in epochs (0 = start, fractional within an epoch). */
export type Schedule = (epoch: number) => number;
