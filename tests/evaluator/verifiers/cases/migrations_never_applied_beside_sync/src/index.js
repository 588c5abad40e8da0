import { Sequelize } from 'sequelize';
import { SequelizeStorage, Umzug } from 'umzug';
import express from 'express';

const sequelize = new Sequelize('postgres://user:password@postgres:5432/conduit');
const umzug = new Umzug({ migrations: { glob: 'migrations/*.js' }, storage: new SequelizeStorage({ sequelize }) });

await sequelize.sync();
express().listen(3000);
