-- One database per service. They share one owner here; a county with several machines gives each its own.
CREATE DATABASE selection;
CREATE DATABASE supervision;
CREATE DATABASE training;
CREATE DATABASE care;
CREATE DATABASE gateway;
