import { Sequelize } from 'sequelize';

const address = process.env.NODE_ENV === 'test' ? 'sqlite::memory:' : process.env.DATABASE_URL || 'postgres://user:password@postgres:5432/conduit';
export const sequelize = new Sequelize(address);
