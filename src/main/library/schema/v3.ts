/** Version 3: what an enhancement answered, to show it again. */
export const version3 = `ALTER TABLE enhancements ADD COLUMN result TEXT`;
