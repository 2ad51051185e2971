/** A clock for tests that moves when it is told to. */
import fakeTimers from "@sinonjs/fake-timers";

/** Replaces the global timers and the date until `restore`. */
export class FakeTime {
  readonly #clock = fakeTimers.install({ now: 0, toFake: ["setTimeout", "clearTimeout", "Date"] });

  /** Lets so many milliseconds pass, with everything that happens in them. */
  async run(ms: number): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  restore(): void {
    this.#clock.uninstall();
  }
}
