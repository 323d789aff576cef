/** @file Ctrl-C in Node: the first one is noticed, the next one ends the process. */

/** Whether Ctrl-C was pressed, from now until `off`. */
export class Interrupt {
  asked = false
  private readonly heard = (): void => {
    this.asked = true
    // Without a listener the system ends the process at the next one, even while JavaScript runs.
    this.off()
    if (process.listenerCount('SIGINT') > 0) process.once('SIGINT', () => process.exit(130))
  }

  /** In a page nothing is listened to. */
  constructor() {
    if (typeof process !== 'undefined') process.on?.('SIGINT', this.heard)
  }

  off(): void {
    if (typeof process !== 'undefined') process.off?.('SIGINT', this.heard)
  }
}
