/** The part of dcmjs (which has no types) that is used: the dictionary of PS3.6. */
declare module 'dcmjs' {
  interface DictionaryEntry {
    readonly vr: string;
    /** Value multiplicity, such as `2-n`. */
    readonly vm?: string;
    /** Keyword. */
    readonly name?: string;
  }
  const dcmjs: {
    readonly data: {
      readonly DicomMetaDictionary: {
        /** By `(GGGG,EEEE)`, upper case. */
        readonly dictionary: Readonly<Record<string, DictionaryEntry | undefined>>;
      };
    };
  };
  export default dcmjs;
}
