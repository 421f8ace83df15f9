/* found, not used */
