import fs from 'node:fs';

const FILE = 'conduit.sqlite';
export const load = () => JSON.parse(fs.readFileSync(FILE, 'utf8'));
export const save = (rows) => fs.writeFileSync(FILE, JSON.stringify(rows));
