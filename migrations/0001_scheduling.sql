CREATE TABLE `key_usage` (
	`key_id` text PRIMARY KEY NOT NULL,
	`usage` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `placements` (
	`model` text PRIMARY KEY NOT NULL,
	`replicas` integer NOT NULL,
	`agents` text,
	`tags` text
);
--> statement-breakpoint
ALTER TABLE `keys` ADD `rpm` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `tpm` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `tpd` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `max_concurrency` integer;--> statement-breakpoint
ALTER TABLE `keys` ADD `priority` text DEFAULT 'normal' NOT NULL;--> statement-breakpoint
ALTER TABLE `keys` ADD `weight` real DEFAULT 1 NOT NULL;