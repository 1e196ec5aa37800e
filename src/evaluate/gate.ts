/** Lets others wait for the next change of something. */
export interface Gate {
  changed: () => Promise<void>;
  open: () => void;
}

/** A gate that opens once for everyone who waits, and closes behind them. */
export function gate(): Gate {
  let next = Promise.withResolvers<void>();
  return {
    changed: () => next.promise,
    open() {
      next.resolve();
      next = Promise.withResolvers<void>();
    },
  };
}
