"""All that is known of one question on one page: one template, one order of parts."""
