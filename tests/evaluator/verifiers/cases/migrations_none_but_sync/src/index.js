import express from 'express';
import { Sequelize } from 'sequelize';

const sequelize = new Sequelize('postgres://user:password@postgres:5432/conduit');

await sequelize.sync({ alter: true });
express().listen(3000);
