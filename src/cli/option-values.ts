import { InvalidArgumentError } from 'commander';

/** Makes a reader of whole numbers for a flag; commander says the rest of the sentence. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** Makes a reader of numbers above zero for a flag. */
export function positiveNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > 0 && value <= max) || text.trim() === '') {
      throw new InvalidArgumentError(`Give a number above 0, at most ${max}.`);
    }
    return value;
  };
}
