/** Things that are made once and kept while they are used: the least recently used goes first. */
export class Recent<T> {
  private readonly kept = new Map<string, T>();

  /** @param most that are kept */
  constructor(private readonly most: number) {}

  get(key: string, make: () => T): T {
    const known = this.kept.get(key);
    if (known !== undefined) {
      this.kept.delete(key);
      this.kept.set(key, known);
      return known;
    }
    const made = make();
    this.kept.set(key, made);
    if (this.kept.size > this.most) {
      for (const oldest of this.kept.keys()) {
        this.kept.delete(oldest);
        break;
      }
    }
    return made;
  }
}
