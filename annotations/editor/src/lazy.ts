/** A part of the page that is fetched when it is first wanted, so that the page opens sooner. */
export class Lazy<T> {
  private part: Promise<T> | null = null;

  constructor(
    private readonly load: () => Promise<T>,
    private readonly failed: () => void,
  ) {}

  /** Fetch the part now, since it will be wanted soon; where that fails it is tried again when it is. */
  prepare(): void {
    this.part ??= this.load();
    this.part.catch(() => (this.part = null));
  }

  /** Do something with the part. Where it cannot be fetched that is said, and tried again the next time. */
  async use<R>(act: (part: T) => R | Promise<R>): Promise<R | undefined> {
    this.part ??= this.load();
    let part: T;
    try {
      part = await this.part;
    } catch {
      this.part = null;
      this.failed();
      return undefined;
    }
    return await act(part);
  }
}
