import pg from 'pg';
import { config } from './config.js';

const { Pool, types } = pg;
types.setTypeParser(20, Number);
export const pool = new Pool({ ...config, max: 5 });
