/** A part of the page that is fetched when it is first wanted, so that the page opens sooner. */
export class Lazy<T> {
  private part: Promise<T> | null = null;

  constructor(
    private readonly load: () => Promise<T>,
    private readonly failed: () => void,
  ) {}

  /** Do something with the part. Where it cannot be fetched that is said, and tried again the next time. */
  async use(act: (part: T) => unknown): Promise<void> {
    this.part ??= this.load();
    let part: T;
    try {
      part = await this.part;
    } catch {
      this.part = null;
      return this.failed();
    }
    await act(part);
  }
}
