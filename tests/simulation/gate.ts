/** What a controller is given of the world, until its own process is gone. */

import type { Clock } from "../../lib/clock.ts";
import type { Link, Message } from "../../lib/mqtt/link.ts";

/** Closed when the controller's process is gone: then nothing of it goes on. */
export class Gate {
  #isClosed = false;

  close(): void {
    this.#isClosed = true;
  }

  /** Hands a promise on, for ever waiting once the gate is closed. */
  pass<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => {
          if (!this.#isClosed) resolve(value);
        },
        (error) => {
          if (!this.#isClosed) reject(error);
        },
      );
    });
  }

  /** `onUptime` is called whenever somebody looks for how long the machine runs. */
  clock(clock: Clock, onUptime: () => void): Clock {
    return {
      now: () => clock.now(),
      uptime: () => {
        onUptime();
        return clock.uptime();
      },
      wall: () => clock.wall(),
      local: () => clock.local(),
      sleep: (ms, signal) => this.pass(clock.sleep(ms, signal)),
    };
  }

  /** A connection on which all that is heard is noted as it is taken. */
  link(link: Link, notes: LinkNotes): Link {
    void link.closed.then((reason) => notes.onClosed(reason));
    const { messages } = link;
    return {
      protocol: link.protocol,
      isResumed: link.isResumed,
      isDoubtful: link.isDoubtful ?? false,
      get heardAt() {
        return link.heardAt;
      },
      closed: this.pass(link.closed),
      messages: (async function* () {
        for await (const message of messages) {
          yield message;
          // The reader asks for more within the turn in which it took this one.
          notes.onMessage(message);
        }
      })(),
      taken: async () => {
        await this.pass(link.taken());
        notes.onTaken();
      },
      subscribe: async (topics) => {
        const denied = await this.pass(link.subscribe(topics));
        const refused = denied.map(({ topic }) => topic);
        notes.onSubscribed(topics.filter((one) => !refused.includes(one)));
        return denied;
      },
      unsubscribe: (topics) => this.pass(link.unsubscribe(topics)),
      publish: async (topic, payload, options) => {
        notes.onPublish(1);
        try {
          await this.pass(notes.way());
          await this.pass(link.publish(topic, payload, options));
        } finally {
          notes.onPublish(-1);
        }
      },
      close: () => this.pass(link.close()),
      destroy: () => link.destroy(),
    };
  }
}

export interface LinkNotes {
  readonly onMessage: (message: Message) => void;
  /** The broker granted these topics. */
  readonly onSubscribed: (topics: readonly string[]) => void;
  /** All that had come is read. */
  readonly onTaken: () => void;
  readonly onClosed: (reason: string) => void;
  /** One more, or one less, is on its way. */
  readonly onPublish: (more: 1 | -1) => void;
  /** The way to the broker takes its time. */
  readonly way: () => Promise<void>;
}
