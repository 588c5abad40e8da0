/** Telling of what keeps moving: at most once a second, or when it has come to rest. */
const REST = 1000;

export function throttled<A extends unknown[]>(tell: (...what: A) => void): (...what: A) => void {
  let last = 0;
  let timer = 0;
  return (...what) => {
    clearTimeout(timer);
    const wait = last + REST - Date.now();
    const now = (): void => {
      last = Date.now();
      tell(...what);
    };
    if (wait <= 0) now();
    else timer = window.setTimeout(now, wait);
  };
}

export function settled<A extends unknown[]>(tell: (...what: A) => void): (...what: A) => void {
  let timer = 0;
  return (...what) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => tell(...what), REST);
  };
}
