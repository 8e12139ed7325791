// Tests of LabControllers.
